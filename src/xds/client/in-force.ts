import type { ServicesByHost } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { Service } from '../../registry/service.ts'
import {
  type VirtualAddresses,
  type VirtualOwner,
  type VirtualPair,
  virtualOwner,
} from '../../registry/virtual-addresses.ts'

/** Services and their addresses, wherever they are made. */
export interface ServiceMaps {
  services(): ServicesByHost
  virtualAddresses(): VirtualAddresses
}

/** What the rest of the agent is told; host by host it becomes what was discovered. */
export class InForce implements ServiceMaps {
  readonly #services = new Map<Hostname, readonly Service[]>()
  readonly #virtual = new Map<VirtualOwner, VirtualPair>()

  services(): ServicesByHost {
    return this.#services
  }

  virtualAddresses(): VirtualAddresses {
    return this.#virtual
  }

  /** Makes these hosts be what they are there. */
  take(hosts: Iterable<Hostname>, from: ServiceMaps): void {
    const services = from.services()
    const virtual = from.virtualAddresses()
    for (const host of hosts) this.#takeHost(host, services.get(host), virtual)
  }

  #takeHost(
    host: Hostname,
    services: readonly Service[] | undefined,
    virtual: VirtualAddresses,
  ): void {
    for (const { namespace } of this.#services.get(host) ?? []) {
      this.#virtual.delete(virtualOwner(namespace, host))
    }
    for (const { namespace } of services ?? []) {
      const owner = virtualOwner(namespace, host)
      const pair = virtual.get(owner)
      if (pair) this.#virtual.set(owner, pair)
    }
    if (services) this.#services.set(host, services)
    else this.#services.delete(host)
  }
}
