import { familyOf, type IpFamily, octetsOf } from '../ip/address.ts'
import { formatPrefix, type Prefix } from '../ip/prefix.ts'

/** The same addresses in order, each once: ranges within other ranges are left out. */
export function normalizePrefixes(prefixes: readonly Prefix[]): Prefix[] {
  // Read once, as there may be very many.
  const sorted = prefixes.map((prefix) => ({ prefix, octets: octetsOf(prefix.network) }))
  sorted.sort((a, b) => compareOctets(a.octets, b.octets) || a.prefix.length - b.prefix.length)
  const kept: Prefix[] = []
  let last: (typeof sorted)[number] | undefined
  for (const one of sorted) {
    // Two ranges are apart or one holds the other, and the wider one comes first.
    if (last && holds(last, one.octets)) continue
    kept.push(one.prefix)
    last = one
  }
  return kept
}

interface Range {
  readonly prefix: Prefix
  readonly octets: Uint8Array
}

function holds({ prefix, octets }: Range, other: Uint8Array): boolean {
  if (octets.length !== other.length) return false
  const whole = prefix.length >> 3
  for (let at = 0; at < whole; at += 1) if (octets[at] !== other[at]) return false
  const rest = prefix.length & 7
  return rest === 0 || ((octets[whole] ?? 0) ^ (other[whole] ?? 0)) >> (8 - rest) === 0
}

/** IPv4 first, then by number. */
function compareOctets(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
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
  // What stayed is mostly the same object, and need not be written out.
  const [old, wanted] = [new Set(before), new Set(after)]
  const gone = before.filter((prefix) => !wanted.has(prefix))
  const added = after.filter((prefix) => !old.has(prefix))
  const goneTexts = new Set(gone.map(formatPrefix))
  const addedTexts = new Set(added.map(formatPrefix))
  return {
    gone: gone.filter((prefix) => !addedTexts.has(formatPrefix(prefix))),
    added: added.filter((prefix) => !goneTexts.has(formatPrefix(prefix))),
  }
}
