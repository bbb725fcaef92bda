import { compareIps, familyOf, type IpAddress, type IpFamily } from '../ip/address.ts'
import type { VirtualOwner, VirtualPair } from '../registry/virtual-addresses.ts'
import type { AllocationRequest, WaitingOwner } from './allocation.ts'
import type { Kept } from './held.ts'
import type { RestingAddress } from './ledger.ts'
import { createUsableTest } from './usable-addresses.ts'

type Resting = ReadonlyMap<IpAddress, RestingAddress>

/** The addresses that rest from now on: those that still did, and those that lost their host. */
export function restFreed(
  { addresses, isAll }: Kept,
  { ledger, wallMs, restMs }: AllocationRequest,
): Map<IpAddress, RestingAddress> {
  const resting = new Map<IpAddress, RestingAddress>()
  const latestMs = wallMs + restMs
  for (const [address, rest] of ledger.resting) {
    if (rest.untilMs <= wallMs || addresses.has(address)) continue
    // A later end can only come from a clock that was set back, or a longer rest in the past.
    resting.set(address, rest.untilMs > latestMs ? { ...rest, untilMs: latestMs } : rest)
  }
  if (isAll) return resting
  const restUnlessHeld = (address: IpAddress | undefined, owner: VirtualOwner) => {
    if (address === undefined || addresses.has(address) || resting.has(address)) return
    resting.set(address, { owner, untilMs: latestMs })
  }
  for (const [owner, { v4, v6 }] of ledger.held) {
    restUnlessHeld(v4, owner)
    restUnlessHeld(v6, owner)
  }
  return resting
}

/** What hosts may take back: what was theirs last and still rests, if it may be given out. */
export function formerAddresses(
  resting: Resting,
  { pairs }: Kept,
  request: AllocationRequest,
): ReadonlyMap<VirtualOwner, VirtualPair> {
  const mayBeGiven = createGivingTest(request)
  const theirs = [...resting].filter(([address, { owner }]) => {
    const pair = pairs.get(owner)
    return pair && pair[familyKey(address)] === undefined && mayBeGiven(address)
  })
  theirs.sort(([a, one], [b, other]) => one.untilMs - other.untilMs || compareIps(b, a))
  const former = new Map<VirtualOwner, VirtualPair>()
  for (const [address, { owner }] of theirs) {
    former.set(owner, { ...former.get(owner), [familyKey(address)]: address })
  }
  return former
}

/** The longest waiting host gets the address that becomes free first. */
export function withFreeTimes(
  waiting: readonly WaitingOwner[],
  resting: Resting,
  request: AllocationRequest,
): readonly WaitingOwner[] {
  if (waiting.length === 0) return []
  const mayBeGiven = createGivingTest(request)
  const times: Record<IpFamily, number[]> = { 4: [], 6: [] }
  for (const [address, { untilMs }] of resting) {
    if (mayBeGiven(address)) times[familyOf(address)].push(untilMs)
  }
  for (const list of [times[4], times[6]]) list.sort((a, b) => b - a)
  return waiting.map((one) => {
    const freeAtMs = times[one.family].pop()
    return freeAtMs === undefined ? one : { ...one, freeAtMs }
  })
}

/** Tests whether an address may be given out at all. */
function createGivingTest({ explicit, pools }: AllocationRequest) {
  const usable = { 4: createUsableTest(pools.v4), 6: createUsableTest(pools.v6) }
  return (address: IpAddress) => !explicit.has(address) && usable[familyOf(address)](address)
}

function familyKey(address: IpAddress): 'v4' | 'v6' {
  return familyOf(address) === 4 ? 'v4' : 'v6'
}
