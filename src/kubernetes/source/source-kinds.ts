import type { WatchedKind } from '../watch/watched-kind.ts'

/** A kind of object that services are made of. */
export interface SourceKind {
  /** As objects call it. */
  readonly kind: string
  readonly watched: WatchedKind
  /** Nothing but labels and annotations of it matter. */
  readonly metadataOnly?: boolean
}

/** In which versions Istio's kinds are served: all have the same fields. */
const istioVersions = ['v1', 'v1beta1', 'v1alpha3'] as const

function istioKind(kind: string, plural: string): SourceKind {
  return { kind, watched: { group: 'networking.istio.io', versions: istioVersions, plural } }
}

function coreKind(kind: string, plural: string): SourceKind {
  return { kind, watched: { group: '', versions: ['v1'], plural } }
}

export const podKind = coreKind('Pod', 'pods')

export const serviceEntryKind = istioKind('ServiceEntry', 'serviceentries')

export const workloadEntryKind = istioKind('WorkloadEntry', 'workloadentries')

export const workloadGroupKind = istioKind('WorkloadGroup', 'workloadgroups')

/** Has one version only. */
export const proxyConfigKind: SourceKind = {
  kind: 'ProxyConfig',
  watched: { group: 'networking.istio.io', versions: ['v1beta1'], plural: 'proxyconfigs' },
}

export const namespaceKind: SourceKind = {
  ...coreKind('Namespace', 'namespaces'),
  metadataOnly: true,
}

export const sidecarKind = istioKind('Sidecar', 'sidecars')

/** Followed in the whole cluster, from the beginning. Each needs get, list and watch in the role of the controller. */
export const sourceKinds: readonly SourceKind[] = [
  coreKind('Service', 'services'),
  {
    kind: 'EndpointSlice',
    watched: { group: 'discovery.k8s.io', versions: ['v1'], plural: 'endpointslices' },
  },
  namespaceKind,
  { ...coreKind('Node', 'nodes'), metadataOnly: true },
  serviceEntryKind,
  workloadEntryKind,
  workloadGroupKind,
  sidecarKind,
  proxyConfigKind,
  {
    kind: 'ServiceImport',
    watched: {
      group: 'multicluster.x-k8s.io',
      versions: ['v1alpha1'],
      plural: 'serviceimports',
    },
  },
]
