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

/** What the objects of the mesh declare. Live: up to date whenever the caller looks. */
export interface Declarations {
  services(): ServicesByHost
  /** Empty where somebody else has applied them already. */
  sidecars(): readonly Sidecar[]
  /** Calls back after each change, once the maps have it; the change names what to look at. */
  follow(onChange: (change: CatalogChange) => void): void
}

/** What exists in the mesh, addresses included: what views, tables and resources are made of. */
export interface Catalog extends Declarations {
  /** As live as the services, and never behind them: a host comes with its address. */
  virtualAddresses(): VirtualAddresses
}
