import { compareIps, familyOf, type IpFamily } from '../ip/address.ts'
import { contains, formatPrefix, type Prefix } from '../ip/prefix.ts'

/** The same addresses in order, each once: ranges within other ranges are left out. */
export function normalizePrefixes(prefixes: readonly Prefix[]): Prefix[] {
  const sorted = [...prefixes].sort(
    (a, b) => compareIps(a.network, b.network) || a.length - b.length,
  )
  const kept: Prefix[] = []
  for (const prefix of sorted) {
    const last = kept.at(-1)
    // Two ranges are apart or one holds the other, and the wider one comes first.
    if (!last || !contains(last, prefix.network)) kept.push(prefix)
  }
  return kept
}

/** The ranges of one family as text: the bare address for a single one. */
export function formatPrefixes(prefixes: readonly Prefix[], family: IpFamily): string[] {
  return prefixes
    .filter(({ network }) => familyOf(network) === family)
    .map((prefix) =>
      prefix.length === (family === 4 ? 32 : 128) ? prefix.network : formatPrefix(prefix),
    )
}

/** What to take out of `before`, and then to put in, to have `after`; both normalized. */
export function diffPrefixes(
  before: readonly Prefix[],
  after: readonly Prefix[],
): { readonly gone: readonly Prefix[]; readonly added: readonly Prefix[] } {
  const old = new Set(before.map(formatPrefix))
  const wanted = new Set(after.map(formatPrefix))
  return {
    gone: before.filter((prefix) => !wanted.has(formatPrefix(prefix))),
    added: after.filter((prefix) => !old.has(formatPrefix(prefix))),
  }
}
