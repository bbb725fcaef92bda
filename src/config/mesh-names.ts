import type { ControlPlaneConfig } from './control-plane-config.ts'
import { saidOfMesh } from './mesh-config.ts'

/** What Istio calls a cluster that nobody named: its controllers, pods and machines alike. */
export const defaultClusterId = 'Kubernetes'

/** What a controller calls itself and its mesh; machines that join are told the same. */
export interface MeshNames {
  readonly trustDomain: string
  readonly clusterId: string
  /** Of workloads and addresses that name none; empty when nobody said. */
  readonly network: string
  /** DNS names, and addresses, that machines know the controller by. */
  readonly serverNames: readonly string[]
}

/** What the options of a controller say of the same things. */
export interface OwnNames {
  readonly trustDomain: string
  /** Empty when it says nothing, as the mesh. */
  readonly clusterId: string
  /** Revisions that it answers for, besides its own. */
  readonly revisions: readonly string[]
  /** What it is called besides. */
  readonly serverNames: readonly string[]
}

/** Puts both together; the mesh goes over options. */
export function meshNames(config: ControlPlaneConfig, own: OwnNames): MeshNames {
  const { mesh, clusterName, network, revision, namespace } = config
  const saysTrustDomain = saidOfMesh(mesh, 'trustDomain') !== undefined
  const revisions = ['', revision, ...own.revisions]
  const hosts = revisions.map((name) => controllerHost({ revision: name, namespace }))
  return {
    trustDomain: saysTrustDomain ? mesh.trustDomain : own.trustDomain,
    clusterId: clusterName || own.clusterId || defaultClusterId,
    network,
    serverNames: [...new Set([...hosts, ...own.serverNames])],
  }
}

/** The DNS name by which machines of a revision know their controller. */
export function controllerHost({
  revision,
  namespace,
}: Pick<ControlPlaneConfig, 'revision' | 'namespace'>): string {
  return `istiod${isRevisioned(revision) ? `-${revision}` : ''}.${namespace}.svc`
}

/** Whether it is one controller of several. */
export function isRevisioned(revision: string): boolean {
  return revision !== '' && revision !== 'default'
}
