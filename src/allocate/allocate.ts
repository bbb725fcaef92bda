import { familyOf, type IpAddress } from '../ip/address.ts'
import type { VirtualOwner, VirtualPair } from '../registry/virtual-addresses.ts'
import type { Allocation, AllocationRequest, MovedAddress, WaitingOwner } from './allocation.ts'
import { type Clash, keepHeld, pairOf } from './held.ts'
import type { RestingAddress } from './ledger.ts'
import { formerAddresses, restFreed, withFreeTimes } from './rest.ts'
import { freeOf, usableAddresses } from './usable-addresses.ts'

/**
 * Gives every wanted host one address of each family.
 *
 * What a host holds it keeps, also outside the pools, unless a user claims one of its addresses: then
 * it gets another pair (Istio: IPAllocator). The others get the lowest free address. A freed address rests; until the rest ends only its former host gets it back.
 */
export function allocate(request: AllocationRequest): Allocation {
  const { ledger, pools, explicit } = request
  const wanted = request.wanted.toSorted((a, b) => a.createdAt - b.createdAt)
  const kept = keepHeld(wanted, request)
  const resting = restFreed(kept, request)
  const former = formerAddresses(resting, kept, request)
  const isFree = (address: IpAddress) => !explicit.has(address) && !resting.has(address)
  const free = {
    v4: freeOf(usableAddresses(pools.v4, kept.addresses), isFree),
    v6: freeOf(usableAddresses(pools.v6, kept.addresses), isFree),
  }
  const held = kept.pairs
  const waiting: WaitingOwner[] = []
  let isNew = false
  for (const [owner, before] of held) {
    if (before.v4 !== undefined && before.v6 !== undefined) continue
    const own = former.get(owner)
    // Who moves takes its old address back only where there is no other.
    const back = kept.moving.has(owner) ? undefined : own
    const v4 = before.v4 ?? back?.v4 ?? free.v4() ?? own?.v4
    const v6 = before.v6 ?? back?.v6 ?? free.v6() ?? own?.v6
    if (v4 === undefined) waiting.push({ owner, family: 4 })
    if (v6 === undefined) waiting.push({ owner, family: 6 })
    const old = ledger.held.get(owner)
    if (v4 === undefined && v6 === undefined) held.delete(owner)
    else if (old && old.v4 === v4 && old.v6 === v6) held.set(owner, old)
    else {
      isNew = true
      held.set(owner, pairOf(v4, v6))
    }
  }
  // Not before: what a host takes back must stay out of reach of the others.
  if (resting.size > 0) {
    for (const { v4, v6 } of held.values()) {
      if (v4 !== undefined) resting.delete(v4)
      if (v6 !== undefined) resting.delete(v6)
    }
  }
  const changed = isNew || held.size !== ledger.held.size || !isSame(ledger.resting, resting)
  return {
    ledger: changed ? { held, resting } : ledger,
    moved: kept.clashes
      .map((clash) => describeMove(clash, held))
      .filter(({ from, to }) => from !== to),
    exhausted: withFreeTimes(waiting, resting, request),
    changed,
  }
}

function describeMove(clash: Clash, held: ReadonlyMap<VirtualOwner, VirtualPair>): MovedAddress {
  const to = held.get(clash.owner)?.[familyOf(clash.from) === 4 ? 'v4' : 'v6']
  return to === undefined ? clash : { ...clash, to }
}

function isSame(
  before: ReadonlyMap<IpAddress, RestingAddress>,
  after: ReadonlyMap<IpAddress, RestingAddress>,
): boolean {
  if (before.size !== after.size) return false
  for (const [address, rest] of after) if (before.get(address) !== rest) return false
  return true
}
