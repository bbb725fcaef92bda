import type { IpAddress, IpFamily } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { VirtualOwner } from '../registry/virtual-addresses.ts'
import type { Ledger } from './ledger.ts'
import type { ExplicitAddresses, WantedOwner } from './wanted.ts'

/** Where virtual addresses come from: a range of each family. */
export interface Pools {
  readonly v4: Prefix
  readonly v6: Prefix
}

export interface AllocationRequest {
  /** Any order; served oldest first, those of one age in the order given. */
  readonly wanted: readonly WantedOwner[]
  readonly ledger: Ledger
  /** Users' own addresses: never given out, and taken from whoever holds one. */
  readonly explicit: ExplicitAddresses
  readonly pools: Pools
  /** Milliseconds since 1970. */
  readonly wallMs: number
  /** How long an address rests when its host is gone. */
  readonly restMs: number
}

/** A host lost an address to another one with a better right to it. */
export interface MovedAddress {
  readonly owner: VirtualOwner
  readonly from: IpAddress
  /** Missing when the pool has none left. */
  readonly to?: IpAddress
  /** Who has it now: a user gave it to this host, or this host held it before. */
  readonly claimedBy: VirtualOwner
}

/** A host that waits for an address of one family. */
export interface WaitingOwner {
  readonly owner: VirtualOwner
  readonly family: IpFamily
  /** When a resting address becomes free for it, in milliseconds since 1970. */
  readonly freeAtMs?: number
}

export interface Allocation {
  /** The same object as the request's when nothing changed. */
  readonly ledger: Ledger
  readonly moved: readonly MovedAddress[]
  /** Oldest first. */
  readonly exhausted: readonly WaitingOwner[]
  readonly changed: boolean
}
