import { ipFromOctets } from '../ip/address.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import type { Discovered } from '../xds/client/discovered.ts'
import { hostname } from './mesh.ts'
import { serviceOf } from './services.ts'

/** Hosts and addresses of services, and nothing else of them. */
export function fakeDiscovered(): Discovered {
  const services = new Map<Hostname, readonly Service[]>()
  const hosts = new Map<string, Hostname>()
  return {
    services: () => services,
    virtualAddresses: () => new Map(),
    apply(put, drop) {
      const changed = new Set<Hostname>()
      for (const name of drop) {
        const host = hosts.get(name)
        if (host === undefined) continue
        changed.add(host)
        services.delete(host)
        hosts.delete(name)
      }
      for (const { name, resource } of put) {
        if (resource.type.case !== 'service') continue
        const { hostname: text, namespace, addresses } = resource.type.value
        const host = hostname(text)
        const ips = addresses.map(({ address }) => ipFromOctets(address))
        services.set(host, [serviceOf(text, { namespace, addresses: ips })])
        hosts.set(name, host)
        changed.add(host)
      }
      return changed
    },
  }
}
