import { type IpAddress, tryParseIp } from '../../ip/address.ts'
import type { ServicesByHost } from '../../registry/catalog.ts'
import { type Hostname, tryParseHostname } from '../../registry/hostname.ts'
import type { Service } from '../../registry/service.ts'
import type { VirtualAddresses } from '../../registry/virtual-addresses.ts'
import type { NameTable, NameTable_NameInfo } from '../../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import type { ServiceMaps } from './service-maps.ts'

/** The names of a name table as services: addresses, and nothing to connect through. */
export class NameTableServices implements ServiceMaps {
  readonly #services: ServicesByHost

  constructor(table: NameTable) {
    const services = new Map<Hostname, readonly Service[]>()
    for (const [name, info] of Object.entries(table.table)) {
      const host = tryParseHostname(name)
      if (host !== undefined) services.set(host, [serviceOf(host, info)])
    }
    this.#services = services
  }

  services(): ServicesByHost {
    return this.#services
  }

  virtualAddresses(): VirtualAddresses {
    return new Map()
  }
}

function serviceOf(host: Hostname, info: NameTable_NameInfo): Service {
  const { namespace, shortname } = info
  const registry = info.registry === 'Kubernetes' ? 'Kubernetes' : 'External'
  return {
    host,
    namespace,
    registry,
    ...(shortname === '' ? {} : { shortName: shortname }),
    addresses: info.ips.map(tryParseIp).filter((ip): ip is IpAddress => ip !== undefined),
    prefixes: [],
    allocatable: false,
    ports: [],
    resolution: 'NONE',
    endpoints: [],
    headless: false,
    publishNotReady: false,
    exportTo: ['*'],
    createdAt: 0,
    origin: { kind: 'NameTable', namespace, name: host, file: 'controller', line: 0 },
  }
}

/** Hosts of which two tables do not say the same. */
export function changedHosts(before: ServicesByHost, after: ServicesByHost): Set<Hostname> {
  const hosts = new Set<Hostname>()
  for (const [host, services] of after) {
    if (!isSame(before.get(host), services)) hosts.add(host)
  }
  for (const host of before.keys()) if (!after.has(host)) hosts.add(host)
  return hosts
}

/** As far as a name table can tell. */
function isSame(some: readonly Service[] | undefined, others: readonly Service[]): boolean {
  const [one, other] = [some?.[0], others[0]]
  return (
    one !== undefined &&
    other !== undefined &&
    some?.length === 1 &&
    one.origin.kind === other.origin.kind &&
    one.namespace === other.namespace &&
    one.registry === other.registry &&
    one.shortName === other.shortName &&
    one.addresses.join() === other.addresses.join()
  )
}
