import type { IpAddress } from '../ip/address.ts'
import type { VirtualOwner, VirtualPair } from '../registry/virtual-addresses.ts'
import type { AllocationRequest, MovedAddress } from './allocation.ts'
import type { WantedOwner } from './wanted.ts'

/** A host that must give up an address. */
export type Clash = Omit<MovedAddress, 'to'>

/** What stays with its host. */
export interface Kept {
  /** One for every wanted host, oldest first, also when it has nothing. */
  readonly pairs: ReadonlyMap<VirtualOwner, VirtualPair>
  readonly holders: ReadonlyMap<IpAddress, VirtualOwner>
  readonly clashes: readonly Clash[]
}

/** What wanted hosts hold rightly; where two claim one address, the older keeps it. */
export function keepHeld(
  wanted: readonly WantedOwner[],
  { ledger, explicit }: AllocationRequest,
): Kept {
  const pairs = new Map<VirtualOwner, VirtualPair>()
  const holders = new Map<IpAddress, VirtualOwner>()
  const clashes: Clash[] = []
  for (const { owner } of wanted) {
    if (pairs.has(owner)) continue
    const pair = ledger.held.get(owner) ?? {}
    const keep = (from: IpAddress | undefined): IpAddress | undefined => {
      if (from === undefined) return undefined
      const claimedBy = explicit.get(from) ?? holders.get(from)
      if (claimedBy === undefined) holders.set(from, owner)
      else clashes.push({ owner, from, claimedBy })
      return claimedBy === undefined ? from : undefined
    }
    pairs.set(owner, pairOf(keep(pair.v4), keep(pair.v6)))
  }
  return { pairs, holders, clashes }
}

export function pairOf(v4: IpAddress | undefined, v6: IpAddress | undefined): VirtualPair {
  return { ...(v4 !== undefined && { v4 }), ...(v6 !== undefined && { v6 }) }
}
