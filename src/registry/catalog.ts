import type { Hostname } from './hostname.ts'
import type { Service } from './service.ts'
import type { Sidecar } from './sidecar.ts'
import type { VirtualAddresses } from './virtual-addresses.ts'

/** What objects say of each host; lists are never empty, and replaced whole when one of them changes. */
export type ServicesByHost = ReadonlyMap<Hostname, readonly Service[]>

/** What became different. */
export interface CatalogChange {
  /** Hosts that came, went, or are declared differently; or whose virtual address changed. */
  readonly hosts: ReadonlySet<Hostname>
  /** Whether the Sidecar objects are others. */
  readonly sidecars: boolean
}

/**
 * What exists in the mesh, addresses included: what views, tables and resources are made of.
 *
 * Both maps are live: they are up to date whenever the caller looks, and a change names what to look at.
 */
export interface Catalog {
  services(): ServicesByHost
  virtualAddresses(): VirtualAddresses
  /** Empty where somebody else has applied them already. */
  sidecars(): readonly Sidecar[]
  /** Calls back after each change, once the maps have it. */
  follow(onChange: (change: CatalogChange) => void): void
}
