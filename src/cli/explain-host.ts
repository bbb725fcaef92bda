import { formatPrefix } from '../ip/prefix.ts'
import { isWildcard } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import type { MeshHost } from '../registry/view.ts'
import { isVisible } from '../registry/visibility.ts'
import { formatOrigin, formatPlace } from './describe-service.ts'
import type { Fact } from './explanation.ts'
import type { OfflineMesh } from './offline-mesh.ts'

/** Which objects declare the host, and which others lost and why. */
export function declarationFacts(
  { host, namespace, services }: MeshHost,
  { services: all, ...viewer }: OfflineMesh,
): Fact[] {
  const facts: Fact[] = services.map(({ origin }) => ({
    topic: 'declared by',
    text: formatOrigin(origin),
    place: formatPlace(origin),
  }))
  for (const service of all) {
    if (service.host !== host || services.includes(service)) continue
    facts.push({
      topic: 'not used',
      text: `${formatOrigin(service.origin)}: ${whyNotUsed(service, { namespace, services, viewer })}`,
      place: formatPlace(service.origin),
    })
  }
  return facts
}

/** Through whose eyes. */
type Viewpoint = Pick<OfflineMesh, 'namespace' | 'scope'>

interface Winner {
  readonly namespace: string
  readonly services: readonly Service[]
  readonly viewer: Viewpoint
}

function whyNotUsed(service: Service, { namespace, services, viewer }: Winner): string {
  if (!viewer.scope.sees(service)) return hiddenReason(service, viewer)
  if (namespace === viewer.namespace) return `the own namespace ${namespace} comes first`
  const kubernetes = services.some(({ registry }) => registry === 'Kubernetes')
  if (kubernetes && service.registry !== 'Kubernetes') return 'a Kubernetes Service comes first'
  return 'it is not the oldest'
}

export function hiddenReason(service: Service, { namespace }: Viewpoint): string {
  return isVisible(service, namespace)
    ? `no egress host of the Sidecar of namespace ${namespace} names it`
    : `not visible in namespace ${namespace} (exportTo: ${service.exportTo.join(', ')})`
}

/** Which addresses the host has, and why these. */
export function addressFacts({ host, services, virtual }: MeshHost): Fact[] {
  const facts: Fact[] = services.flatMap(({ addresses, prefixes, origin }) => [
    ...addresses.map((address) => ({
      topic: 'address' as const,
      text: `${address}, explicit`,
      place: formatPlace(origin),
    })),
    ...prefixes.map((prefix) => ({
      topic: 'address' as const,
      text: `${formatPrefix(prefix)}, an explicit range: it matches connections and answers no question`,
      place: formatPlace(origin),
    })),
  ])
  for (const address of virtual) {
    facts.push({ topic: 'address', text: `${address}, virtual: held by this host, and only by it` })
  }
  if (services.some(({ headless }) => headless)) {
    facts.push({ topic: 'address', text: 'those of its ready endpoints (headless)' })
  }
  const [first] = services
  if (facts.length === 0 && first) {
    facts.push({ topic: 'address', text: `none: ${whyNoAddress(first, isWildcard(host))}` })
  }
  return facts
}

function whyNoAddress(
  { resolution, externalName, allocatable }: Service,
  wildcard: boolean,
): string {
  if (externalName !== undefined) return `it is another name for ${externalName}`
  if (allocatable) return 'no virtual address of a family that this machine speaks is left'
  if (resolution === 'NONE') return 'resolution NONE gets no virtual address'
  if (wildcard) return 'a wildcard gets a virtual address only with STATIC or DYNAMIC_DNS'
  return 'virtual addresses are switched off for it'
}
