import { type ClusterNames, sharedNames } from '../../../config/cluster-object-names.ts'

/** One right, and what it is for. */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  /** All of them when not said. */
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
  readonly why: string
}

const follow = ['list', 'watch']

/** In all namespaces. */
export function clusterRules({ injector, validator }: ClusterNames): readonly Rule[] {
  return [
    {
      apiGroups: [''],
      resources: ['namespaces', 'nodes', 'pods', 'services'],
      verbs: follow,
      why: 'names of the cluster, and where their endpoints run',
    },
    {
      apiGroups: ['discovery.k8s.io'],
      resources: ['endpointslices'],
      verbs: follow,
      why: 'endpoints of Services',
    },
    {
      apiGroups: ['multicluster.x-k8s.io'],
      resources: ['serviceimports'],
      verbs: follow,
      why: 'names below clusterset.local',
    },
    {
      apiGroups: ['networking.istio.io'],
      resources: [
        'proxyconfigs',
        'serviceentries',
        'sidecars',
        'workloadentries',
        'workloadgroups',
      ],
      verbs: follow,
      why: 'what the mesh consists of',
    },
    {
      apiGroups: ['networking.istio.io'],
      resources: ['serviceentries', 'workloadentries', 'workloadgroups'],
      verbs: ['get'],
      why: 'the newest version of an object, before it is changed',
    },
    {
      apiGroups: ['networking.istio.io'],
      resources: ['serviceentries/status'],
      verbs: ['patch'],
      why: 'virtual addresses and conditions',
    },
    {
      apiGroups: ['networking.istio.io'],
      resources: ['workloadentries'],
      verbs: ['create', 'delete', 'patch'],
      why: 'machines that register by connecting',
    },
    {
      apiGroups: ['networking.istio.io'],
      resources: ['workloadentries/status'],
      verbs: ['patch'],
      why: 'how the applications of machines are',
    },
    {
      apiGroups: ['events.k8s.io'],
      resources: ['events'],
      verbs: ['create', 'get', 'patch'],
      why: 'what kubectl describe shows of a ServiceEntry',
    },
    {
      apiGroups: [''],
      resources: ['configmaps'],
      verbs: ['create'],
      why: 'root certificates in every namespace, and the list of addresses that rest (creation knows no names)',
    },
    {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: [sharedNames.rootConfigMap],
      verbs: ['list', 'patch', 'watch'],
      why: 'root certificates in every namespace',
    },
    {
      apiGroups: ['authentication.k8s.io'],
      resources: ['tokenreviews'],
      verbs: ['create'],
      why: 'whose a token is that a pod or machine shows',
    },
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['mutatingwebhookconfigurations'],
      resourceNames: [injector],
      verbs: ['list', 'patch', 'watch'],
      why: 'the certificate by which the API server knows the webhook',
    },
    {
      apiGroups: ['admissionregistration.k8s.io'],
      resources: ['validatingwebhookconfigurations'],
      resourceNames: [validator],
      verbs: ['list', 'patch', 'watch'],
      why: 'the same, of the webhook that checks objects',
    },
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      resourceNames: [sharedNames.istiodLease],
      verbs: ['list'],
      why: 'whether an istiod gives out addresses already',
    },
  ]
}

/** In the controller's own namespace. */
export function ownRules({ meshConfigMap, injectorConfigMap }: ClusterNames): readonly Rule[] {
  const { lease, caSecret, ownCaSecret, quarantineConfigMap } = sharedNames
  return [
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      verbs: ['create'],
      why: 'the lease by which one controller leads (creation knows no names)',
    },
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      resourceNames: [lease],
      verbs: ['get', 'update'],
      why: 'the lease by which one controller leads',
    },
    {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: [meshConfigMap, injectorConfigMap],
      verbs: follow,
      why: 'what holds for the whole mesh, and for injected pods',
    },
    {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: [quarantineConfigMap],
      verbs: ['get', 'update'],
      why: 'addresses that are not to be given away again yet',
    },
    {
      apiGroups: [''],
      resources: ['secrets'],
      verbs: ['create'],
      why: 'the CA (creation knows no names)',
    },
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: [caSecret],
      verbs: ['get', 'list', 'watch'],
      why: 'the CA',
    },
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: [ownCaSecret],
      verbs: ['get', 'list', 'watch'],
      why: 'a CA that somebody brought',
    },
  ]
}
