import { isRevisioned } from './mesh-names.ts'

/** Where in a cluster a control plane is. */
export interface ClusterPlace {
  readonly namespace: string
  /** Empty or `default` for the only one. */
  readonly revision: string
}

/** What the parts of one installation in a cluster are called; as in Istio where it has them too. */
export interface ClusterNames {
  readonly namespace: string
  /** `default`, or the one that was named. */
  readonly revision: string
  /** Deployment, ServiceAccount, Role, PodDisruptionBudget. */
  readonly controller: string
  /** ClusterRole and its binding. */
  readonly clusterRole: string
  /** DaemonSet and ServiceAccount of the node agents. */
  readonly node: string
  /** Their ClusterRole and its binding. */
  readonly nodeRole: string
  readonly service: string
  readonly meshConfigMap: string
  readonly injectorConfigMap: string
  readonly injector: string
  readonly validator: string
}

export function clusterNames({ namespace, revision }: ClusterPlace): ClusterNames {
  const suffix = isRevisioned(revision) ? `-${revision}` : ''
  const controller = `meshdns-controller${suffix}`
  return {
    namespace,
    revision: isRevisioned(revision) ? revision : 'default',
    controller,
    clusterRole: `${controller}-${namespace}`,
    node: `meshdns-node${suffix}`,
    nodeRole: `meshdns-node${suffix}-${namespace}`,
    service: `istiod${suffix}`,
    meshConfigMap: `istio${suffix}`,
    injectorConfigMap: `istio-sidecar-injector${suffix}`,
    injector: `meshdns-sidecar-injector${suffix}-${namespace}`,
    validator: `meshdns-validator${suffix}-${namespace}`,
  }
}

/** Names that all revisions in a namespace share: what the controllers make themselves. */
export const sharedNames = {
  /** Of the replica that leads. */
  lease: 'meshdns-controller',
  caSecret: 'istio-ca-secret',
  /** A CA that somebody brought. */
  ownCaSecret: 'cacerts',
  /** In every namespace: the roots that pods believe. */
  rootConfigMap: 'istio-ca-root-cert',
  quarantineConfigMap: 'meshdns-virtual-addresses',
  /** Held by the allocator of a real istiod. */
  istiodLease: 'istio-ip-autoallocate',
} as const

/** What tells objects of ours from those of others. */
export const ownLabels: Readonly<Record<string, string>> = {
  'app.kubernetes.io/managed-by': 'meshdns',
  'app.kubernetes.io/part-of': 'meshdns',
}

/** Of the ConfigMap with the roots; PEM. */
export const rootKey = 'root-cert.pem'

/**
 * Of the same ConfigMap: where the controllers of a namespace are, as a hosts file (hosts(5)).
 *
 * Control planes of two namespaces share a ConfigMap, and must not undo what the other wrote.
 */
export function controllerHostsKey(namespace: string): string {
  return `hosts.${namespace}`
}

/** Whether a name is that of a controller's Service, of any revision, with or without the cluster's domain. */
export function isControllerHost(host: string, namespace: string): boolean {
  const [service = '', place, kind] = host.split('.')
  return /^istiod(-|$)/.test(service) && place === namespace && kind === 'svc'
}

/** Whom tokens are for. */
export const tokenAudience = 'istio-ca'
