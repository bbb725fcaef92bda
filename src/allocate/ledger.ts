import type { IpAddress } from '../ip/address.ts'
import type { VirtualAddresses, VirtualOwner } from '../registry/virtual-addresses.ts'

/** An address that its host gave up and that nobody else gets for a while: clients may remember it. */
export interface RestingAddress {
  /** Who held it, and gets it back when it returns in time. */
  readonly owner: VirtualOwner
  /** Milliseconds since 1970; from then on it is free. */
  readonly untilMs: number
}

/** What must outlive a restart: who holds which virtual address, and which ones rest. */
export interface Ledger {
  readonly held: VirtualAddresses
  readonly resting: ReadonlyMap<IpAddress, RestingAddress>
}

export const emptyLedger: Ledger = { held: new Map(), resting: new Map() }
