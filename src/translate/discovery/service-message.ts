import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { familyOf, type IpAddress, octetsOf } from '../../ip/address.ts'
import { formatPrefix } from '../../ip/prefix.ts'
import type { Origin, Service } from '../../registry/service.ts'
import type { VirtualPair } from '../../registry/virtual-addresses.ts'
import {
  IPFamilies,
  type Service as ServiceMessage,
  ServiceSchema,
} from '../../rpc/gen/istio/workload/workload_pb.js'
import type { DeclarationSchema } from '../../rpc/gen/meshdns/v1/details_pb.js'
import { packDetails } from './details-extension.ts'
import { loadBalancingOf, scopeNumbers } from './load-balancing.ts'

/** All that is said of one host in one namespace. */
export interface DeclaredService {
  /** Never empty; Kubernetes first, then oldest first. */
  readonly declarations: readonly [Service, ...Service[]]
  readonly virtual: VirtualPair | undefined
  /** Whether it is this namespace's that others mean by the host. */
  readonly canonical: boolean
}

/** Explicit ones, each once; then the virtual ones. */
export function addressesOf({ declarations, virtual }: DeclaredService): readonly IpAddress[] {
  const explicit = new Set(declarations.flatMap(({ addresses }) => addresses))
  const held = [virtual?.v4, virtual?.v6].filter((address) => address !== undefined)
  return [...explicit, ...held]
}

/** What workload discovery says of the service: fields that every proxy reads, and our details. */
export function serviceMessage(service: DeclaredService, network: string): ServiceMessage {
  const { declarations, canonical } = service
  const [first] = declarations
  const name = first.shortName ?? first.origin.name
  const addresses = addressesOf(service)
  const ports = new Map(
    declarations.flatMap((one) => one.ports.filter(isCarried).map((port) => [port.number, port])),
  )
  const loadBalancing = loadBalancingOf(first)
  return create(ServiceSchema, {
    name,
    namespace: first.namespace,
    hostname: first.host,
    addresses: addresses.map((address) => ({ network, address: octetsOf(address) })),
    ports: [...ports.values()].map(({ number, targetPort = number }) => ({
      servicePort: number,
      targetPort,
    })),
    ...(loadBalancing === undefined ? {} : { loadBalancing }),
    ipFamilies: first.registry === 'Kubernetes' ? familiesOf(first.addresses) : 0,
    extensions: [packDetails({ declarations: declarations.map((one) => declare(one, name)) })],
    canonical,
  })
}

/** Nobody carries SCTP: such a port is for names only. */
function isCarried({ protocol }: Service['ports'][number]): boolean {
  return protocol !== 'SCTP'
}

/** A cluster serves a Service in the families of its cluster IPs only. */
function familiesOf(addresses: readonly IpAddress[]): IPFamilies {
  const families = new Set(addresses.map(familyOf))
  if (families.size === 2) return IPFamilies.DUAL
  if (families.has(4)) return IPFamilies.IPV4_ONLY
  return families.has(6) ? IPFamilies.IPV6_ONLY : IPFamilies.AUTOMATIC
}

function declare(service: Service, name: string): MessageInitShape<typeof DeclarationSchema> {
  const { registry, shortName, resolution, externalName, ttlSeconds, exportTo, nearness } = service
  return {
    origin: originMessage(service, name),
    registry: registry === 'External' ? '' : registry,
    ...(shortName === undefined ? {} : { shortName }),
    addresses: service.addresses.map(octetsOf),
    prefixes: service.prefixes.map(formatPrefix),
    allocatable: service.allocatable,
    ports: service.ports.map(({ number, name: called, protocol, targetPort = 0 }) => ({
      number,
      name: called,
      protocol,
      targetPort,
    })),
    resolution: resolution === 'STATIC' ? '' : resolution,
    headless: service.headless,
    publishNotReady: service.publishNotReady,
    ...(externalName === undefined ? {} : { externalName }),
    exportTo: exportToMessage(exportTo),
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    createdAtMs: BigInt(service.createdAt),
    ...(nearness === undefined
      ? {}
      : { routingPreference: scopeNumbers(nearness), strict: nearness.strict }),
  }
}

function originMessage({ origin, registry, namespace }: Service, name: string): Partial<Origin> {
  const usual = registry === 'External' ? 'ServiceEntry' : 'Service'
  return {
    kind: origin.kind === usual ? '' : origin.kind,
    namespace: origin.namespace === namespace ? '' : origin.namespace,
    name: origin.name === name ? '' : origin.name,
    file: origin.file,
    line: origin.line,
  }
}

function exportToMessage(exportTo: readonly string[]): string[] {
  if (exportTo.length === 0) return ['~']
  return exportTo.length === 1 && exportTo[0] === '*' ? [] : [...exportTo]
}
