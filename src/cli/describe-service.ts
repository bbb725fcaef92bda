import { formatPrefix } from '../ip/prefix.ts'
import type { Endpoint, EndpointTarget, Origin, Service } from '../registry/service.ts'
import type { MeshHost } from '../registry/view.ts'

/** A host as programs read it: plain data, stable names. */
export function hostValue({ host, namespace, services, virtual }: MeshHost) {
  return {
    host,
    namespace,
    addresses: explicitOf(services),
    virtualAddresses: virtual,
    services: services.map(serviceValue),
  }
}

export function serviceValue(service: Service) {
  const { registry, resolution, exportTo, ports, endpoints, origin } = service
  return {
    registry,
    origin: formatOrigin(origin),
    file: origin.file,
    line: origin.line,
    resolution,
    exportTo,
    ports,
    endpoints: endpoints.map(endpointValue),
  }
}

function endpointValue({ target, otherAddresses, ports, weight, healthy, origin }: Endpoint) {
  return {
    address: formatTarget(target),
    ...(otherAddresses.length === 0 ? {} : { otherAddresses }),
    ports: Object.fromEntries(ports),
    weight,
    healthy,
    origin: formatOrigin(origin),
    file: origin.file,
    line: origin.line,
  }
}

/** Addresses and ranges that users gave, each once. */
export function explicitOf(services: readonly Service[]): string[] {
  return [
    ...new Set(
      services.flatMap(({ addresses, prefixes }) => [...addresses, ...prefixes.map(formatPrefix)]),
    ),
  ]
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

export function formatPlace({ file, line }: Origin): string {
  return `${file}:${line}`
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
