/** Who sees a service: what it says itself, else the mesh's default; `.` becomes its namespace, `~` nobody. */
export function resolveExportTo(
  own: readonly string[],
  fallback: readonly string[],
  namespace: string,
): readonly string[] {
  const entries = (own.length > 0 ? own : fallback).filter((entry) => entry !== '~')
  return [...new Set(entries.map((entry) => (entry === '.' ? namespace : entry)))]
}
