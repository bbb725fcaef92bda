import type { ServicesByHost } from './catalog.ts'
import type { Hostname } from './hostname.ts'
import type { Service } from './service.ts'

/** The services under their hosts; hosts and services in the order given. */
export function servicesByHost(services: Iterable<Service>): ServicesByHost {
  const byHost = new Map<Hostname, Service[]>()
  for (const service of services) {
    const group = byHost.get(service.host)
    if (group) group.push(service)
    else byHost.set(service.host, [service])
  }
  return byHost
}
