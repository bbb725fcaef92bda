import type { Endpoint, EndpointTarget, Origin } from '../../registry/service.ts'
import { WorkloadStatus } from '../../rpc/gen/istio/workload/workload_pb.js'
import type { WorkloadFields } from './address-fields.ts'
import { findDetails } from './details-extension.ts'
import type { DetailsFields } from './details-fields.ts'
import { type Faults, quote } from './faults.ts'
import { joinLocality } from './locality.ts'
import {
  checkPort,
  type ReadContext,
  readAddresses,
  readHostname,
  readOrigin,
} from './read-fields.ts'

/** A workload as it came. */
export interface ReadWorkload {
  readonly kind: 'workload'
  readonly uid: string
  readonly roles: readonly WorkloadRole[]
}

/** What the workload is to one declaration of a service. */
export interface WorkloadRole {
  readonly uid: string
  /** The service's name as a resource. */
  readonly service: string
  /** `declarationKeys` tells which; empty for the only one. */
  readonly declaredBy: string
  readonly endpoint: Endpoint
}

/** Checks a workload; `undefined` when there are faults. */
export function readWorkload(
  name: string,
  message: WorkloadFields,
  context: ReadContext,
): ReadWorkload | undefined {
  const { faults } = context
  const { uid } = message
  if (name !== uid) faults.add(`it tells of the workload ${quote(uid)}`)
  const details = findDetails(message.extensions, faults)
  const facts = readFacts(message, details, context)
  const roles = facts ? readRoles(name, message, { ...context, facts, details }) : []
  return faults.first === undefined ? { kind: 'workload', uid: name, roles } : undefined
}

type Facts = Omit<Endpoint, 'ports' | 'hostname'>

/** `undefined` when it has nowhere to connect to. */
function readFacts(
  message: WorkloadFields,
  details: DetailsFields | undefined,
  { faults, options, shared }: ReadContext,
): Facts | undefined {
  const { hostname, network, node, capacity, serviceAccount } = message
  const [address, ...otherAddresses] = readAddresses(message.addresses, faults)
  const locality = message.locality && joinLocality(message.locality)
  const target: EndpointTarget | undefined = details?.unixPath
    ? readUnixPath(details.unixPath, faults)
    : address === undefined
      ? readName(hostname, faults)
      : { kind: 'ip', address }
  return (
    target && {
      target,
      otherAddresses,
      // 0 is the usual share, as in a WorkloadEntry.
      weight: capacity || 1,
      healthy: message.status === WorkloadStatus.HEALTHY,
      ...(locality === undefined ? {} : { locality: shared.text(locality) }),
      ...(network === '' ? {} : { network: shared.text(network) }),
      ...(node === '' ? {} : { node: shared.text(node) }),
      ...(serviceAccount === '' ? {} : { serviceAccount: shared.text(serviceAccount) }),
      origin: readOrigin(details?.origin, originOf(message, options.source), shared),
    }
  )
}

function readUnixPath(path: string, faults: Faults): EndpointTarget {
  if (!/^[/@]/.test(path) || path.endsWith('/')) faults.add(`${quote(path)} is not a unix socket`)
  return { kind: 'unix', path }
}

function readName(text: string, faults: Faults): EndpointTarget | undefined {
  if (text === '') return undefined
  const name = readHostname(text, faults)
  if (name?.startsWith('*')) faults.add(`${quote(text)} is not the name of one endpoint`)
  return name && { kind: 'name', name }
}

/** The uid says it: `CLUSTER/GROUP/KIND/NAMESPACE/NAME`, perhaps with more behind. */
function originOf({ uid, name, namespace }: WorkloadFields, source: string): Origin {
  const [, , kind = ''] = uid.split('/', 3)
  return { kind: kind || 'Workload', namespace, name, file: source, line: 0 }
}

function readRoles(
  uid: string,
  message: WorkloadFields,
  context: ReadContext & { readonly facts: Facts; readonly details: DetailsFields | undefined },
): readonly WorkloadRole[] {
  const { facts, details, faults, shared } = context
  const given = Map.groupBy(details?.roles ?? [], ({ service }) => service)
  const perService = Object.entries(message.services).map(([service, { ports: list }]) => {
    // A controller that is not ours leaves a port out that is the service's own.
    const listed = list.map(
      ({ servicePort, targetPort }) =>
        [servicePort, details ? targetPort : targetPort || servicePort] as const,
    )
    checkPorts(listed, faults)
    const plain = () => {
      const hostname = details ? undefined : ownLabel(message, service)
      const ports = shared.ports(listed)
      return [{ uid, service, declaredBy: '', endpoint: endpointOf(facts, ports, hostname) }]
    }
    return (
      given.get(service)?.map(({ declaredBy, hostname, ports: own, ownPorts }) => {
        const entries = Object.entries(own).map(([from, to]) => [Number(from), to] as const)
        checkPorts(entries, faults)
        const ports = shared.ports(ownPorts ? entries : listed)
        if (hostname.length > 63) faults.add(`${quote(hostname)} is not a label`)
        return { uid, service, declaredBy, endpoint: endpointOf(facts, ports, hostname) }
      }) ?? plain()
    )
  })
  const [first = [], ...others] = perService
  return others.length === 0 ? first : perService.flat()
}

function endpointOf(
  facts: Facts,
  ports: ReadonlyMap<number, number>,
  hostname: string | undefined,
): Endpoint {
  return { ...facts, ports, ...(hostname ? { hostname } : {}) }
}

function checkPorts(
  entries: readonly (readonly [from: number, to: number])[],
  faults: Faults,
): void {
  for (const [from, to] of entries) {
    checkPort(from, 1, faults)
    checkPort(to, 0, faults)
  }
}

/** First label of the workload's name, where that is one below the service's. */
function ownLabel({ hostname, addresses }: WorkloadFields, service: string): string | undefined {
  const host = service.slice(service.indexOf('/') + 1)
  const [label = ''] = hostname.split('.', 1)
  const isBelow = hostname === label || hostname === `${label}.${host}`
  return addresses.length > 0 && isBelow && label.length <= 63 && label !== '' ? label : undefined
}
