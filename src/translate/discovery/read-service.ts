import type { IpAddress } from '../../ip/address.ts'
import { familyOf } from '../../ip/address.ts'
import { contains } from '../../ip/prefix.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { Service } from '../../registry/service.ts'
import {
  type VirtualOwner,
  type VirtualPair,
  virtualOwner,
} from '../../registry/virtual-addresses.ts'
import {
  LoadBalancing_HealthPolicy,
  LoadBalancing_Mode,
} from '../../rpc/gen/istio/workload/workload_pb.js'
import type { ServiceFields } from './address-fields.ts'
import { findDetails } from './details-extension.ts'
import { quote } from './faults.ts'
import { nearnessOfMessage } from './load-balancing.ts'
import { readDeclaration } from './read-declaration.ts'
import {
  checkNamespace,
  checkPort,
  type ReadContext,
  readAddresses,
  readHostname,
} from './read-fields.ts'
import type { ReadOptions } from './read-options.ts'

/** A service as it came; endpoints are put in as workloads tell of them. */
export interface ReadService {
  readonly kind: 'service'
  readonly name: string
  readonly host: Hostname
  readonly owner: VirtualOwner
  readonly declarations: readonly Service[]
  readonly virtual: VirtualPair
  /** Whether its workloads must tell how endpoints are found, since nobody else does. */
  readonly isPlain: boolean
}

/** Checks a service; `undefined` when there are faults. */
export function readService(
  name: string,
  message: ServiceFields,
  context: ReadContext,
): ReadService | undefined {
  const { faults, options } = context
  const { namespace, hostname } = message
  if (name !== `${namespace}/${hostname}`) {
    faults.add(`it tells of the service ${quote(`${namespace}/${hostname}`)}`)
  }
  checkNamespace(namespace, faults)
  const host = readHostname(hostname, faults)
  const addresses = readAddresses(
    message.addresses.map(({ address }) => address),
    faults,
  )
  for (const { servicePort, targetPort } of message.ports) {
    checkPort(servicePort, 1, faults)
    checkPort(targetPort, 0, faults)
  }
  if (host === undefined) return undefined
  const details = findDetails(message.extensions, faults)
  const isPlain = details === undefined || details.declarations.length === 0
  const declarations = isPlain
    ? [plainService(message, { host, addresses, options })]
    : details.declarations.map((one) => readDeclaration(one, { ...context, message, host }))
  if (faults.first !== undefined) return undefined
  const explicit = new Set(declarations.flatMap((one) => one.addresses))
  const virtual = isPlain
    ? addresses.filter((address) => !explicit.has(address))
    : addresses.slice(explicit.size)
  return {
    kind: 'service',
    name,
    host,
    // Mostly they are one text.
    owner: host === hostname ? (name as VirtualOwner) : virtualOwner(namespace, host),
    declarations,
    virtual: pairOf(virtual),
    isPlain,
  }
}

function plainService(
  message: ServiceFields,
  {
    host,
    addresses,
    options,
  }: {
    readonly host: Hostname
    readonly addresses: readonly IpAddress[]
    readonly options: ReadOptions
  },
): Service {
  const { namespace, name, ports, loadBalancing, canonical } = message
  const isKubernetes = host.endsWith(`.svc.${options.clusterDomain}`)
  const isPassedThrough = loadBalancing?.mode === LoadBalancing_Mode.PASSTHROUGH
  const nearness = loadBalancing && nearnessOfMessage(loadBalancing)
  return {
    host,
    namespace,
    registry: isKubernetes ? 'Kubernetes' : 'External',
    ...(isKubernetes && name !== '' ? { shortName: name } : {}),
    addresses: addresses.filter(
      (address) => !options.virtualRanges.some((range) => contains(range, address)),
    ),
    prefixes: [],
    allocatable: false,
    ports: ports.map(({ servicePort, targetPort }) => ({
      number: servicePort,
      name: '',
      protocol: '',
      ...(isPassedThrough && targetPort !== 0 && targetPort !== servicePort ? { targetPort } : {}),
    })),
    resolution: isPassedThrough ? 'NONE' : 'STATIC',
    endpoints: [],
    headless: false,
    publishNotReady: loadBalancing?.healthPolicy === LoadBalancing_HealthPolicy.ALLOW_ALL,
    ...(nearness === undefined ? {} : { nearness }),
    exportTo: ['*'],
    // The age decides between namespaces; the controller says with `canonical` which one is the oldest.
    createdAt: canonical ? 0 : 1,
    origin: {
      kind: isKubernetes ? 'Service' : 'ServiceEntry',
      namespace,
      name: name || host,
      file: options.source,
      line: 0,
    },
  }
}

function pairOf(addresses: readonly IpAddress[]): VirtualPair {
  const v4 = addresses.find((address) => familyOf(address) === 4)
  const v6 = addresses.find((address) => familyOf(address) === 6)
  return { ...(v4 === undefined ? {} : { v4 }), ...(v6 === undefined ? {} : { v6 }) }
}
