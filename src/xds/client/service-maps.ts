import type { ServicesByHost } from '../../registry/catalog.ts'
import type { VirtualAddresses } from '../../registry/virtual-addresses.ts'

/** Services and their addresses, wherever they are made. Live. */
export interface ServiceMaps {
  services(): ServicesByHost
  virtualAddresses(): VirtualAddresses
}

export const noServices: ServiceMaps = {
  services: () => new Map(),
  virtualAddresses: () => new Map(),
}
