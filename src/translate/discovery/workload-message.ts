import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { octetsOf } from '../../ip/address.ts'
import type { Endpoint, Origin } from '../../registry/service.ts'
import {
  type PortListSchema,
  type Workload,
  WorkloadSchema,
  WorkloadStatus,
  WorkloadType,
} from '../../rpc/gen/istio/workload/workload_pb.js'
import type { RoleSchema } from '../../rpc/gen/meshdns/v1/details_pb.js'
import { packDetails } from './details-extension.ts'
import type { Contribution } from './endpoint-slots.ts'
import { splitLocality } from './locality.ts'
import { hasSamePorts } from './same-contribution.ts'

/** Contributions that agree on the workload, in a fixed order. */
export type Contributions = readonly [Contribution, ...Contribution[]]

/** Which mesh it is of. */
export interface MeshPlace {
  readonly clusterId: string
  /** Of workloads that name none. */
  readonly network: string
  /** Empty for `cluster.local`. */
  readonly trustDomain: string
}

/** What workload discovery says of the workload: fields that every proxy reads, and our details. */
export function workloadMessage(
  uid: string,
  contributions: Contributions,
  { clusterId, network, trustDomain }: MeshPlace,
): Workload {
  const [{ endpoint }] = contributions
  const { origin, target, locality, weight } = endpoint
  const addresses = target.kind === 'ip' ? [target.address, ...endpoint.otherAddresses] : []
  const { services, roles } = servedBy(contributions)
  const unixPath = target.kind === 'unix' ? target.path : ''
  return create(WorkloadSchema, {
    uid,
    name: origin.name,
    namespace: origin.namespace,
    addresses: addresses.map(octetsOf),
    network: endpoint.network ?? network,
    trustDomain,
    serviceAccount: endpoint.serviceAccount ?? '',
    node: endpoint.node ?? '',
    workloadType: origin.kind === 'Pod' ? WorkloadType.POD : 0,
    status: endpoint.healthy ? WorkloadStatus.HEALTHY : WorkloadStatus.UNHEALTHY,
    clusterId,
    hostname: target.kind === 'name' ? target.name : '',
    services,
    ...(locality === undefined ? {} : { locality: splitLocality(locality) }),
    ...(weight === 1 ? {} : { capacity: weight }),
    extensions: [packDetails({ roles, unixPath, origin: placeOf(origin) })],
  })
}

/** Kind, namespace and name stand in the uid. */
function placeOf({ file, line }: Origin): Partial<Origin> {
  return { file, line }
}

function servedBy(contributions: Contributions) {
  const services: Record<string, MessageInitShape<typeof PortListSchema>> = {}
  const listed = new Map<string, Endpoint>()
  const roles: MessageInitShape<typeof RoleSchema>[] = []
  for (const { serviceName, declaredBy, endpoint } of contributions) {
    const first = listed.get(serviceName) ?? endpoint
    listed.set(serviceName, first)
    services[serviceName] ??= {
      ports: [...endpoint.ports].map(([servicePort, targetPort]) => ({ servicePort, targetPort })),
    }
    const ownPorts = !hasSamePorts(first.ports, endpoint.ports)
    const { hostname = '' } = endpoint
    if (declaredBy === '' && hostname === '' && !ownPorts) continue
    const ports = ownPorts ? Object.fromEntries(endpoint.ports) : {}
    roles.push({ service: serviceName, declaredBy, hostname, ports, ownPorts })
  }
  return { services, roles }
}
