const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a duration as Go writes it, such as `1m30s` or `500ms`; `undefined` when it is none. */
export function tryParseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)
  let sum = 0
  for (const [, amount, unit = ''] of parts) sum += Number(amount) * (unitMs[unit] ?? 0)
  return Math.round(sum)
}
