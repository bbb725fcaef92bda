import { familyOf, type IpAddress, ipFromOctets, octetsOf, tryParseIp } from '../../ip/address.ts'

/** Addresses that differ in their last 32 bits only, from one to another. */
interface Range {
  /** Their first octets, in hexadecimal; empty for IPv4. */
  readonly head: string
  readonly from: number
  to: number
}

/** However long a text is, no more addresses than these are made of it. */
const mostAddresses = 200_000

/**
 * The addresses as lines `FIRST-LAST` or `ADDRESS`, in `limitOctets` if there is any way.
 *
 * Where they do not fit, small gaps are taken for addresses: the text says too many, never too few.
 */
export function formatRanges(addresses: Iterable<IpAddress>, limitOctets: number): string {
  const ranges = joinNear(sortedRanges(addresses), 1)
  let text = formatAll(ranges)
  for (let reach = 2; text.length > limitOctets && reach <= 2 ** 32; reach *= 2) {
    text = formatAll(joinNear(ranges, reach))
  }
  return text
}

/** Every address of such lines, once or more often; lines that are no range are left out. */
export function* parseRanges(text: string): Generator<IpAddress> {
  let left = mostAddresses
  for (const line of text.split('\n')) {
    const [first, last = first] = line.trim().split('-').map(tryParseIp)
    if (first === undefined || last === undefined) continue
    const [start, end] = [placeOf(first), placeOf(last)]
    if (start.head !== end.head) continue
    for (let low = start.low; low <= end.low && left > 0; low += 1) {
      left -= 1
      yield addressOf(start.head, low)
    }
  }
}

function sortedRanges(addresses: Iterable<IpAddress>): readonly Range[] {
  const byHead = new Map<string, number[]>()
  for (const address of addresses) {
    const { head, low } = placeOf(address)
    const lows = byHead.get(head)
    if (lows) lows.push(low)
    else byHead.set(head, [low])
  }
  const ranges: Range[] = []
  for (const [head, lows] of byHead) {
    for (const low of Float64Array.from(lows).sort()) ranges.push({ head, from: low, to: low })
  }
  return ranges
}

/** Makes one of neighbours that are at most `reach` apart. */
function joinNear(ranges: readonly Range[], reach: number): readonly Range[] {
  const joined: Range[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (last && last.head === range.head && range.from - last.to <= reach) last.to = range.to
    else joined.push({ ...range })
  }
  return joined
}

function formatAll(ranges: readonly Range[]): string {
  return ranges
    .map(({ head, from, to }) => {
      const first = addressOf(head, from)
      return from === to ? first : `${first}-${addressOf(head, to)}`
    })
    .join('\n')
}

function placeOf(address: IpAddress): { readonly head: string; readonly low: number } {
  const octets = Buffer.from(octetsOf(address))
  const low = octets.readUInt32BE(octets.length - 4)
  return { head: familyOf(address) === 4 ? '' : octets.toString('hex', 0, 12), low }
}

function addressOf(head: string, low: number): IpAddress {
  const octets = Buffer.from(`${head}${low.toString(16).padStart(8, '0')}`, 'hex')
  return ipFromOctets(octets)
}
