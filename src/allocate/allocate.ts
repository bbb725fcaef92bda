import { familyOf, type IpAddress } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { VirtualOwner, VirtualPair } from '../registry/virtual-addresses.ts'
import type { Allocation, AllocationRequest, MovedAddress, WaitingOwner } from './allocation.ts'
import { type Clash, keepHeld, pairOf } from './held.ts'
import type { Ledger, RestingAddress } from './ledger.ts'
import { formerAddresses, restFreed, withFreeTimes } from './rest.ts'
import { usableAddresses } from './usable-addresses.ts'

/**
 * Gives every wanted host one address of each family.
 *
 * What a host holds it keeps, also outside the pools, unless a user claims it. The others get the
 * lowest free address. A freed address rests; until the rest ends only its former host gets it back.
 */
export function allocate(request: AllocationRequest): Allocation {
  const { ledger, pools, explicit } = request
  const wanted = request.wanted.toSorted((a, b) => a.createdAt - b.createdAt)
  const kept = keepHeld(wanted, request)
  const resting = restFreed(kept, request)
  const former = formerAddresses(resting, kept, request)
  const isFree = (address: IpAddress) =>
    !kept.holders.has(address) && !explicit.has(address) && !resting.has(address)
  const free = { v4: freeOf(pools.v4, isFree), v6: freeOf(pools.v6, isFree) }
  const held = new Map<VirtualOwner, VirtualPair>()
  const waiting: WaitingOwner[] = []
  for (const [owner, before] of kept.pairs) {
    const back = former.get(owner) ?? {}
    const v4 = before.v4 ?? back.v4 ?? free.v4()
    const v6 = before.v6 ?? back.v6 ?? free.v6()
    if (v4 === undefined) waiting.push({ owner, family: 4 })
    if (v6 === undefined) waiting.push({ owner, family: 6 })
    const old = ledger.held.get(owner)
    if (v4 === undefined && v6 === undefined) continue
    held.set(owner, old && old.v4 === v4 && old.v6 === v6 ? old : pairOf(v4, v6))
  }
  // Not before: what a host takes back must stay out of reach of the others.
  for (const { v4, v6 } of held.values()) {
    for (const address of [v4, v6]) if (address !== undefined) resting.delete(address)
  }
  const changed = !isSame(ledger, held, resting)
  return {
    ledger: changed ? { held, resting } : ledger,
    moved: kept.clashes.map((clash) => describeMove(clash, held)),
    exhausted: withFreeTimes(waiting, resting, request),
    changed,
  }
}

/** Each call gives the next lowest address that is free, `undefined` when there is none left. */
function freeOf(
  pool: Prefix,
  isFree: (address: IpAddress) => boolean,
): () => IpAddress | undefined {
  const candidates = usableAddresses(pool)
  return () => {
    for (;;) {
      const { value, done } = candidates.next()
      if (done === true || isFree(value)) return value
    }
  }
}

function describeMove(clash: Clash, held: ReadonlyMap<VirtualOwner, VirtualPair>): MovedAddress {
  const to = held.get(clash.owner)?.[familyOf(clash.from) === 4 ? 'v4' : 'v6']
  return to === undefined ? clash : { ...clash, to }
}

function isSame(
  before: Ledger,
  held: ReadonlyMap<VirtualOwner, VirtualPair>,
  resting: ReadonlyMap<IpAddress, RestingAddress>,
): boolean {
  if (before.held.size !== held.size || before.resting.size !== resting.size) return false
  for (const [owner, pair] of held) if (before.held.get(owner) !== pair) return false
  for (const [address, rest] of resting) if (before.resting.get(address) !== rest) return false
  return true
}
