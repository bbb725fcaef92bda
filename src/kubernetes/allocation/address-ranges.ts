import { hash } from 'node:crypto'
import { familyOf, type IpAddress, ipFromOctets, octetsOf, tryParseIp } from '../../ip/address.ts'

/** Tells owners apart: 32 bits of a digest; 0 where nobody is known. */
export type OwnerMark = number

/** Addresses that differ in their last 32 bits only, from one to another. */
interface Range {
  /** Their first octets, in hexadecimal; empty for IPv4. */
  readonly head: string
  readonly from: number
  to: number
  /** Of each, as long as there are no gaps in it. */
  readonly marks: OwnerMark[]
}

/** However long a text is, no more addresses than these are made of it. */
const mostAddresses = 200_000

/** One pair of owners in 2^32 has the same; 0 no more often than any other. */
export function markOf(owner: string): OwnerMark {
  return Number.parseInt(hash('sha256', owner).slice(0, 8), 16)
}

/**
 * The addresses as lines `FIRST-LAST MARKS` or `ADDRESS MARK`, in `limitOctets` if there is any way.
 *
 * Where they do not fit, marks are left out, and then small gaps are taken for addresses: the text
 * says too many, never too few.
 */
export function formatRanges(
  addresses: Iterable<readonly [IpAddress, OwnerMark]>,
  limitOctets: number,
): string {
  const ranges = joinNear(sortedRanges(addresses), 1)
  const marked = ranges.map((range) => `${formatRange(range)} ${formatMarks(range)}`).join('\n')
  if (marked.length <= limitOctets) return marked
  let text = ranges.map(formatRange).join('\n')
  for (let reach = 2; text.length > limitOctets && reach <= 2 ** 32; reach *= 2) {
    text = joinNear(ranges, reach).map(formatRange).join('\n')
  }
  return text
}

/** Every address of such lines, once or more often; lines that are no range are left out. */
export function* parseRanges(text: string): Generator<readonly [IpAddress, OwnerMark]> {
  let left = mostAddresses
  for (const line of text.split('\n')) {
    const [bounds = '', digits = ''] = line.trim().split(' ')
    const [first, last = first] = bounds.split('-').map(tryParseIp)
    if (first === undefined || last === undefined) continue
    const [start, end] = [placeOf(first), placeOf(last)]
    if (start.head !== end.head) continue
    const marks = Buffer.from(digits, 'base64')
    for (let low = start.low; low <= end.low && left > 0; low += 1) {
      left -= 1
      const at = 4 * (low - start.low)
      yield [addressOf(start.head, low), at + 4 <= marks.length ? marks.readUInt32BE(at) : 0]
    }
  }
}

function sortedRanges(addresses: Iterable<readonly [IpAddress, OwnerMark]>): readonly Range[] {
  const byHead = new Map<string, Range[]>()
  for (const [address, mark] of addresses) {
    const { head, low } = placeOf(address)
    const range = { head, from: low, to: low, marks: [mark] }
    const ranges = byHead.get(head)
    if (ranges) ranges.push(range)
    else byHead.set(head, [range])
  }
  return [...byHead.values()].flatMap((ranges) => ranges.sort((a, b) => a.from - b.from))
}

/** Makes one of neighbours that are at most `reach` apart. */
function joinNear(ranges: readonly Range[], reach: number): readonly Range[] {
  const joined: Range[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (last && last.head === range.head && range.from - last.to <= reach) {
      last.to = range.to
      if (reach === 1) last.marks.push(...range.marks)
    } else joined.push({ ...range, marks: [...range.marks] })
  }
  return joined
}

function formatRange({ head, from, to }: Range): string {
  const first = addressOf(head, from)
  return from === to ? first : `${first}-${addressOf(head, to)}`
}

function formatMarks({ marks }: Range): string {
  const octets = Buffer.alloc(4 * marks.length)
  for (const [at, mark] of marks.entries()) octets.writeUInt32BE(mark, 4 * at)
  return octets.toString('base64')
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
