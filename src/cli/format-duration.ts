const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** For people: in the largest unit that fits, such as `3 min` or `250 ms`. */
export function formatDuration(ms: number): string {
  const [unit, size] = units.find(([, one]) => ms >= one) ?? ['ms', 1]
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`
}
