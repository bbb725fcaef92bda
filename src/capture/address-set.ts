import type { Brand } from '../base/brand.ts'
import { compareIps, familyOf, type IpFamily, octetsOf } from '../ip/address.ts'
import { formatPrefix, type Prefix, startAlike } from '../ip/prefix.ts'

/** Addresses and ranges in order, none within another: those of IPv4 first, then by number. */
export type AddressSet = Brand<readonly Prefix[], 'AddressSet'>

export const noAddresses = [] as readonly Prefix[] as AddressSet

/** The same addresses in order, each once: ranges within other ranges are left out. */
export function normalizePrefixes(prefixes: readonly Prefix[]): AddressSet {
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
  return kept as readonly Prefix[] as AddressSet
}

/** The set with single addresses put in, and others taken out; none of them is within a range of it. */
export function changeSingles(
  set: AddressSet,
  { added, gone }: { readonly added: readonly Prefix[]; readonly gone: readonly Prefix[] },
): AddressSet {
  const changed = set.slice()
  for (const prefix of gone) {
    const at = placeOf(changed, prefix)
    if (changed[at]?.network === prefix.network) changed.splice(at, 1)
  }
  for (const prefix of added) {
    const at = placeOf(changed, prefix)
    if (changed[at]?.network !== prefix.network) changed.splice(at, 0, prefix)
  }
  return changed as readonly Prefix[] as AddressSet
}

/** Where the address is, or would be. */
function placeOf(prefixes: readonly Prefix[], { network }: Prefix): number {
  let low = 0
  let high = prefixes.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = prefixes[middle]
    if (other && compareIps(other.network, network) < 0) low = middle + 1
    else high = middle
  }
  return low
}

interface Range {
  readonly prefix: Prefix
  readonly octets: Uint8Array
}

function holds({ prefix, octets }: Range, other: Uint8Array): boolean {
  return octets.length === other.length && startAlike(octets, other, prefix.length)
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

/** What to take out of `before`, and then to put in, to have `after`. */
export function diffSets(
  before: AddressSet,
  after: AddressSet,
): { readonly gone: readonly Prefix[]; readonly added: readonly Prefix[] } {
  // Most is the same object in both, and mostly all before and behind what changed.
  let start = 0
  while (start < before.length && before[start] === after[start]) start += 1
  let end = 0
  const room = Math.min(before.length, after.length) - start
  while (end < room && before.at(-1 - end) === after.at(-1 - end)) end += 1
  const [old, wanted] = [
    before.slice(start, -end || undefined),
    after.slice(start, -end || undefined),
  ]
  const [oldTexts, wantedTexts] = [
    new Set(old.map(formatPrefix)),
    new Set(wanted.map(formatPrefix)),
  ]
  return {
    gone: old.filter((prefix) => !wantedTexts.has(formatPrefix(prefix))),
    added: wanted.filter((prefix) => !oldTexts.has(formatPrefix(prefix))),
  }
}
