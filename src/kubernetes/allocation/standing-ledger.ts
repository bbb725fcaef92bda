import type { Ledger, RestingAddress } from '../../allocate/ledger.ts'
import { wantedOwners } from '../../allocate/wanted.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { Hostname } from '../../registry/hostname.ts'
import {
  type VirtualAddresses,
  type VirtualOwner,
  type VirtualPair,
  virtualOwner,
} from '../../registry/virtual-addresses.ts'
import { markOf, type OwnerMark } from './address-ranges.ts'
import type { RecordContents } from './address-record.ts'
import type { EntryTable } from './entry-table.ts'

/** What stands for nobody, and rests for everybody. */
const nobody = '' as VirtualOwner

/** What a replica that begins to lead knows itself. */
interface TakeOver {
  /** What stood for hosts that are still there, also when the entry that said so is gone. */
  readonly seen: VirtualAddresses
  readonly wallMs: number
  /** Until when rests what nobody has any more. */
  readonly untilMs: number
}

/**
 * The ledger of a new leader: what stands in entries, and what the last leader wrote.
 *
 * An address that was given and stands nowhere now lost its entry while nobody led: it rests until
 * `untilMs`, for its host where that is declared by another entry. A host that comes back only later gets
 * another one: nobody knows any more whose it was.
 */
export function ledgerOf(
  table: EntryTable,
  record: RecordContents,
  { seen, wallMs, untilMs }: TakeOver,
): Ledger {
  const held = new Map<VirtualOwner, VirtualPair>()
  const resting = new Map<IpAddress, RestingAddress>()
  for (const [address, rest] of record.resting) {
    if (rest.untilMs <= wallMs) continue
    // The clock of whoever wrote it may have been ahead, by years.
    resting.set(address, { ...rest, untilMs: Math.min(rest.untilMs, untilMs) })
  }
  for (const host of table.hosts()) {
    for (const [owner, pair] of standingPairs(table, host)) held.set(owner, pair)
  }
  const taken = new Set([...held.values()].flatMap(addressesOf))
  for (const [owner, pair] of seen) {
    const own = addressesOf(pair)
    if (held.has(owner) || own.some((address) => taken.has(address))) continue
    held.set(owner, pair)
    for (const address of own) taken.add(address)
  }
  const rest = (address: IpAddress, owner: VirtualOwner) => {
    if (!taken.has(address) && !resting.has(address)) resting.set(address, { owner, untilMs })
  }
  // Someone else's word on a host, or an entry that lost its right: the address was given all the same.
  for (const { namespace, status } of table.entries().values()) {
    for (const [host, pair] of status.pairs) {
      for (const address of addressesOf(pair)) rest(address, virtualOwner(namespace, host))
    }
  }
  const lacking = lackingOwners(table, held)
  for (const [address, mark] of record.given) {
    if (!record.resting.has(address)) rest(address, lacking.get(mark) ?? nobody)
  }
  return { held, resting }
}

/** Who wants addresses and has none, by mark. */
function lackingOwners(
  table: EntryTable,
  held: VirtualAddresses,
): ReadonlyMap<OwnerMark, VirtualOwner> {
  const lacking = new Map<OwnerMark, VirtualOwner>()
  for (const host of table.hosts()) {
    for (const { owner } of wantedOwners(table.declarations(host))) {
      if (!held.has(owner)) lacking.set(markOf(owner), owner)
    }
  }
  return lacking
}

/** What stands for a host in each namespace that declares it. */
export function standingPairs(
  table: EntryTable,
  host: Hostname,
): ReadonlyMap<VirtualOwner, VirtualPair> {
  const pairs = new Map<VirtualOwner, VirtualPair>()
  for (const namespace of new Set(table.declaring(host).map((entry) => entry.namespace))) {
    const pair = table.standing(host, namespace)
    if (pair) pairs.set(virtualOwner(namespace, host), pair)
  }
  return pairs
}

export function addressesOf({ v4, v6 }: VirtualPair): readonly IpAddress[] {
  return [v4, v6].filter((address) => address !== undefined)
}
