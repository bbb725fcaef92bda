import type { IpAddress } from '../ip/address.ts'
import type { VirtualOwner, VirtualPair } from '../registry/virtual-addresses.ts'
import { AddressSet } from './address-set.ts'
import type { AllocationRequest, MovedAddress } from './allocation.ts'
import type { WantedOwner } from './wanted.ts'

/** A host that must give up an address. */
export type Clash = Omit<MovedAddress, 'to'>

/** What stays with its host. */
export interface Kept {
  /** One for every wanted host, oldest first, also when it has nothing; the ledger's own where all stays. */
  readonly pairs: Map<VirtualOwner, VirtualPair>
  readonly addresses: AddressSet
  readonly clashes: readonly Clash[]
  /** Who gave up its pair, because another one claims an address of it. */
  readonly moving: ReadonlySet<VirtualOwner>
  /** Whether nobody of the ledger loses anything. */
  readonly isAll: boolean
}

/**
 * What wanted hosts hold rightly; where two claim one address, the older keeps it.
 *
 * The addresses of a host go together: who must give up one gives up the other as well.
 */
export function keepHeld(wanted: readonly WantedOwner[], request: AllocationRequest): Kept {
  const { ledger, explicit } = request
  const pairs = new Map<VirtualOwner, VirtualPair>()
  const addresses = new AddressSet(request.pools)
  let kept = 0
  let isClear = true
  for (const { owner } of wanted) {
    const pair = ledger.held.get(owner)
    const { size } = pairs
    pairs.set(owner, pair ?? nothing)
    if (pair === undefined || pairs.size === size) continue
    kept += 1
    if (pair.v4 !== undefined) isClear = addresses.add(pair.v4) && isClear
    if (pair.v6 !== undefined) isClear = addresses.add(pair.v6) && isClear
  }
  // Nearly always nobody is in anybody's way, and then there is nothing to look at one by one.
  for (const address of explicit.keys()) isClear &&= !addresses.has(address)
  if (!isClear) return keepUnclaimed([...pairs], request)
  return { pairs, addresses, clashes: [], moving: nobody, isAll: kept === ledger.held.size }
}

function keepUnclaimed(
  held: readonly (readonly [VirtualOwner, VirtualPair])[],
  { explicit, pools }: AllocationRequest,
): Kept {
  const addresses = new AddressSet(pools)
  const pairs = new Map<VirtualOwner, VirtualPair>()
  const holders = new Map<IpAddress, VirtualOwner>()
  const clashes: Clash[] = []
  const moving = new Set<VirtualOwner>()
  for (const [owner, pair] of held) {
    const own = [pair.v4, pair.v6].filter((address) => address !== undefined)
    const [claimedBy] = own
      .map((address) => explicit.get(address) ?? holders.get(address))
      .filter((other) => other !== undefined)
    pairs.set(owner, claimedBy === undefined ? pair : nothing)
    if (claimedBy !== undefined) moving.add(owner)
    for (const address of own) {
      if (claimedBy !== undefined) {
        clashes.push({ owner, from: address, claimedBy })
        continue
      }
      holders.set(address, owner)
      addresses.add(address)
    }
  }
  return { pairs, addresses, clashes, moving, isAll: false }
}

const nothing: VirtualPair = {}
const nobody: ReadonlySet<VirtualOwner> = new Set()

export function pairOf(v4: IpAddress | undefined, v6: IpAddress | undefined): VirtualPair {
  return { ...(v4 !== undefined && { v4 }), ...(v6 !== undefined && { v6 }) }
}
