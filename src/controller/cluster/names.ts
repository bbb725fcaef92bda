import { isRevisioned } from '../../config/mesh-names.ts'

/** What is ours in a cluster, by the names that an installation gives it; Istio's own where it has some. */
export interface ClusterNames {
  readonly meshConfigMap: string
  readonly injectorConfigMap: string
  readonly validator: string
  readonly injector: string
}

/** Of the replica that leads; as in its role. */
export const leaseName = 'meshdns-controller'

export interface ClusterPlace {
  /** Of the controller. */
  readonly namespace: string
  /** Empty or `default` for the only one. */
  readonly revision: string
}

export function clusterNames({ namespace, revision }: ClusterPlace): ClusterNames {
  const suffix = isRevisioned(revision) ? `-${revision}` : ''
  return {
    meshConfigMap: `istio${suffix}`,
    injectorConfigMap: `istio-sidecar-injector${suffix}`,
    validator: `meshdns-validator${suffix}-${namespace}`,
    injector: `meshdns-sidecar-injector${suffix}-${namespace}`,
  }
}
