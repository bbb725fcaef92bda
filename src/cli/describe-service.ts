import { formatPrefix } from '../ip/prefix.ts'
import { describeNearness } from '../registry/nearness.ts'
import type { Endpoint, EndpointTarget, Origin, Service } from '../registry/service.ts'
import type { MeshHost } from '../registry/view.ts'
import type { OutputField } from './command.ts'

/** A host as programs read it: plain data, stable names. */
export function hostValue({ host, namespace, services, virtual }: MeshHost) {
  return {
    host,
    namespace,
    addresses: explicitOf(services),
    virtualAddresses: virtual,
    declarations: services.map(declarationValue),
  }
}

function declarationValue(service: Service) {
  const { registry, resolution, nearness, exportTo, ports, endpoints, origin } = service
  return {
    registry,
    origin: formatOrigin(origin),
    file: origin.file,
    line: origin.line,
    resolution,
    ...(nearness === undefined ? {} : { prefers: describeNearness(nearness) }),
    exportTo,
    ports,
    endpoints: endpoints.map(endpointValue),
  }
}

function endpointValue(endpoint: Endpoint) {
  const { target, otherAddresses, ports, weight, healthy, locality, node, origin } = endpoint
  return {
    address: formatTarget(target),
    ...(otherAddresses.length === 0 ? {} : { otherAddresses }),
    ports: Object.fromEntries(ports),
    weight,
    healthy,
    ...(locality === undefined ? {} : { locality }),
    ...(node === undefined ? {} : { node }),
    origin: formatOrigin(origin),
    file: origin.file,
    line: origin.line,
  }
}

/** What `hostValue` says of each declaration. */
export function declarationFields(path: string): readonly OutputField[] {
  return [
    { path: `${path}.registry`, says: 'Kubernetes, or External for a ServiceEntry' },
    { path: `${path}.origin`, says: 'KIND NAMESPACE/NAME of the object' },
    { path: `${path}.file`, says: 'where it stands' },
    { path: `${path}.line`, says: 'from 1; 0 where objects have no lines, as in a cluster' },
    { path: `${path}.resolution`, says: 'as in a ServiceEntry' },
    {
      path: `${path}.prefers`,
      says: 'Local, PreferSameZone or PreferSameNode; missing when all endpoints are alike',
    },
    { path: `${path}.exportTo[]`, says: 'namespaces that see it' },
    { path: `${path}.ports[].number`, says: 'as connections name it' },
    { path: `${path}.ports[].name`, says: 'of the port' },
    { path: `${path}.ports[].protocol`, says: 'in upper case; may be empty' },
    { path: `${path}.ports[].targetPort`, says: 'what is dialled instead; may be missing' },
    { path: `${path}.endpoints[].address`, says: 'an address, a DNS name, or unix://PATH' },
    { path: `${path}.endpoints[].otherAddresses[]`, says: 'of the same endpoint; may be missing' },
    { path: `${path}.endpoints[].ports.*`, says: 'port of the endpoint by port of the service' },
    { path: `${path}.endpoints[].weight`, says: 'share of connections' },
    { path: `${path}.endpoints[].healthy`, says: 'whether it gets connections' },
    {
      path: `${path}.endpoints[].locality`,
      says: 'REGION/ZONE/SUBZONE; missing where it is not known',
    },
    { path: `${path}.endpoints[].node`, says: 'of the cluster; may be missing' },
    { path: `${path}.endpoints[].origin`, says: 'KIND NAMESPACE/NAME of the object' },
    { path: `${path}.endpoints[].file`, says: 'where it stands' },
    { path: `${path}.endpoints[].line`, says: 'from 1' },
  ]
}

/** Addresses and ranges that users gave, each once. */
export function explicitOf(services: readonly Service[]): string[] {
  return [
    ...new Set(
      services.flatMap(({ addresses, prefixes }) => [...addresses, ...prefixes.map(formatPrefix)]),
    ),
  ]
}

/** How endpoints are found, and which of them are preferred where that is said: `STATIC (Local)`. */
export function formatResolution({ resolution, nearness }: Service): string {
  return nearness === undefined ? resolution : `${resolution} (${describeNearness(nearness)})`
}

/** Number, name and protocol, such as `80/http (HTTP)`; of several services each once. */
export function formatPorts(services: readonly Service[]): string {
  const ports = services.flatMap((service) => service.ports)
  return [...new Set(ports.map(({ number, protocol }) => `${number}/${protocol || 'any'}`))].join(
    ',',
  )
}

export function formatOrigin({ kind, namespace, name }: Origin): string {
  return `${kind} ${namespace}/${name}`
}

/** File and line; the object itself where there are none, as in a cluster. */
export function formatPlace(origin: Origin): string {
  const { file, line } = origin
  return line === 0 ? formatOrigin(origin) : `${file}:${line}`
}

export function formatTarget(target: EndpointTarget): string {
  switch (target.kind) {
    case 'ip':
      return target.address
    case 'name':
      return target.name
    case 'unix':
      return `unix://${target.path}`
  }
}
