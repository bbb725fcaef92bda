import { mapAt, type PlainMap } from '../../documents/plain-map.ts'

/** An object of a cluster, as far as everybody looks at it. */
export interface ClusterObject extends PlainMap {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

/** Which object is meant. */
export type ObjectReference = Pick<ClusterObject, 'apiVersion' | 'kind'> & {
  readonly name: string
  readonly namespace?: string
}

export function referenceOf({ apiVersion, kind, metadata }: ClusterObject): ObjectReference {
  const { name, namespace } = metadata
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }
}

/** For people: `Deployment istio-system/meshdns-controller`. */
export function formatReference({ kind, name, namespace }: Omit<ObjectReference, 'apiVersion'>) {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

const plurals: Readonly<Record<string, string>> = {
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  ConfigMap: 'configmaps',
  CustomResourceDefinition: 'customresourcedefinitions',
  DaemonSet: 'daemonsets',
  Deployment: 'deployments',
  HorizontalPodAutoscaler: 'horizontalpodautoscalers',
  Lease: 'leases',
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
  Namespace: 'namespaces',
  PodDisruptionBudget: 'poddisruptionbudgets',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  Secret: 'secrets',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
  ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
}

/** Where the API has it. Only for kinds that we write. */
export function pathOf({ apiVersion, kind, name, namespace }: ObjectReference): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  return `${root}${within}/${plurals[kind] ?? ''}/${encodeURIComponent(name)}`
}

/** Of whatever the API gave; empty when it has none. */
export function metadataOf(object: PlainMap): PlainMap {
  return mapAt(object, 'metadata')
}
