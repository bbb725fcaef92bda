import type { Onboarding, OnboardingGroup } from './onboarding.ts'

/** Metadata of the machine's agent by name; in a machine's environment under the same names. */
export type ProxyMetadata = Readonly<Record<string, string>>

const canonicalName = 'service.istio.io/canonical-name'
const canonicalRevision = 'service.istio.io/canonical-revision'

/** What the group and the wishes say of the machine: over what the mesh says (`proxyMetadata`). */
export function groupMetadata({
  group,
  proxyConfig,
  trustDomain,
  wishes,
}: Onboarding): ProxyMetadata {
  const service = canonicalServiceOf(group)
  const revision = canonicalRevisionOf(group.labels)
  const labels = {
    ...group.labels,
    [canonicalName]: service,
    [canonicalRevision]: revision,
  }
  return {
    CANONICAL_SERVICE: service,
    CANONICAL_REVISION: revision,
    POD_NAMESPACE: group.namespace,
    SERVICE_ACCOUNT: group.serviceAccount,
    TRUST_DOMAIN: trustDomain,
    ISTIO_META_CLUSTER_ID: wishes.clusterId,
    ISTIO_META_MESH_ID: textOf(proxyConfig['meshId']),
    ISTIO_META_NETWORK: group.network,
    ...(group.locality === undefined ? {} : { MESHDNS_LOCALITY: group.locality }),
    ...(group.ports.size > 0 ? { ISTIO_META_POD_PORTS: podPorts(group.ports) } : {}),
    ISTIO_META_WORKLOAD_NAME: group.name,
    ISTIO_METAJSON_LABELS: sortedJson(labels),
    ...(wishes.captureDns ? { ISTIO_META_DNS_CAPTURE: 'true' } : {}),
    ...(wishes.autoRegister ? { ISTIO_META_AUTO_REGISTER_GROUP: group.name } : {}),
  }
}

function canonicalServiceOf({ labels, name }: OnboardingGroup): string {
  return labels[canonicalName] ?? labels['app.kubernetes.io/name'] ?? labels['app'] ?? name
}

function canonicalRevisionOf(labels: OnboardingGroup['labels']): string {
  return (
    labels[canonicalRevision] ??
    labels['app.kubernetes.io/version'] ??
    labels['version'] ??
    'latest'
  )
}

function podPorts(ports: OnboardingGroup['ports']): string {
  const entries = [...ports].map(([name, containerPort]) => ({ name, containerPort }))
  return JSON.stringify(entries.sort((a, b) => (a.name < b.name ? -1 : 1)))
}

function sortedJson(map: Readonly<Record<string, string>>): string {
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(Object.fromEntries(entries))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
