import { type Prefix, tryParsePrefix } from '../../ip/prefix.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { Resolution, Service, ServicePort } from '../../registry/service.ts'
import type { ServiceFields } from './address-fields.ts'
import type { DeclarationFields } from './details-fields.ts'
import { type Faults, quote } from './faults.ts'
import { readNearness } from './load-balancing.ts'
import {
  checkPort,
  type ReadContext,
  readAddresses,
  readHostname,
  readOrigin,
} from './read-fields.ts'

interface Surroundings extends ReadContext {
  readonly message: ServiceFields
  readonly host: Hostname
}

const everybody: readonly string[] = ['*']

const resolutions: ReadonlyMap<string, Resolution> = new Map<string, Resolution>(
  (['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'] as const).map((one) => [one, one]),
)

/** One object's word on a host, as a controller of ours sent it; still without endpoints. */
export function readDeclaration(declaration: DeclarationFields, around: Surroundings): Service {
  const { message, host, faults, options, shared } = around
  const namespace = shared.text(message.namespace)
  const { name } = message
  const { shortName, externalName, ttlSeconds, exportTo } = declaration
  const registry = registryOf(declaration, faults)
  const external = externalName === '' ? undefined : readHostname(externalName, faults)
  const nearness = readNearness(declaration.routingPreference, declaration.strict)
  const kind = registry === 'External' ? 'ServiceEntry' : 'Service'
  const usual = { kind, namespace, name, file: options.source, line: 0 }
  return {
    host,
    namespace,
    registry,
    ...(shortName === '' ? {} : { shortName }),
    addresses: readAddresses(declaration.addresses, faults),
    prefixes: readPrefixes(declaration.prefixes, faults),
    allocatable: declaration.allocatable,
    ports: readPorts(declaration, around),
    resolution: resolutionOf(declaration, faults),
    endpoints: [],
    headless: declaration.headless,
    publishNotReady: declaration.publishNotReady,
    ...(nearness === undefined ? {} : { nearness }),
    ...(external === undefined ? {} : { externalName: external }),
    exportTo: exportTo.length === 0 ? everybody : exportTo.filter((entry) => entry !== '~'),
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    createdAt: readTime(declaration.createdAtMs, faults),
    origin: readOrigin(declaration.origin, usual, shared),
  }
}

function registryOf({ registry }: DeclarationFields, faults: Faults): Service['registry'] {
  if (registry === '' || registry === 'Kubernetes') return registry || 'External'
  faults.add(`${quote(registry)} is not a registry`)
  return 'External'
}

function resolutionOf({ resolution }: DeclarationFields, faults: Faults): Resolution {
  const known = resolution === '' ? 'STATIC' : resolutions.get(resolution)
  if (known === undefined) faults.add(`${quote(resolution)} is not a resolution`)
  return known ?? 'STATIC'
}

function readPrefixes(texts: readonly string[], faults: Faults): Prefix[] {
  return texts.flatMap((text) => {
    const prefix = tryParsePrefix(text)
    if (!prefix) faults.add(`${quote(text)} is not an address range`)
    return prefix ?? []
  })
}

function readPorts({ ports }: DeclarationFields, { faults, shared }: Surroundings): ServicePort[] {
  return ports.map(({ number, name: called, protocol: spoken, targetPort }) => {
    const name = shared.text(called)
    const protocol = shared.text(spoken)
    checkPort(number, 1, faults)
    checkPort(targetPort, 0, faults)
    return { number, name, protocol, ...(targetPort === 0 ? {} : { targetPort }) }
  })
}

function readTime(milliseconds: bigint, faults: Faults): number {
  const time = Number(milliseconds)
  if (!Number.isSafeInteger(time)) faults.add(`${milliseconds} is not a time`)
  return time
}
