import { controllerHostsKey, rootKey } from '../../config/cluster-object-names.ts'
import type { Declarations } from '../../registry/catalog.ts'
import type { RootSource } from './ca-bundles.ts'
import type { ClusterPorts } from './cluster-ports.ts'
import type { Leadership } from './leadership.ts'
import { followControllerHosts } from './roots/controller-hosts.ts'
import { RootCertificates, type RootCertificatesParts } from './roots/root-certificates.ts'

export interface RootsParts extends Pick<RootCertificatesParts, 'namespaces'> {
  readonly ca: RootSource
  /** Of the cluster, where our own Services are. */
  readonly declarations: Declarations
  /** Where the controllers live. */
  readonly namespace: string
}

/** Has pods of every namespace know whom to believe and where that one is, as long as we lead. */
export async function startRoots(
  { ca, namespaces, declarations, namespace }: RootsParts,
  leadership: Leadership,
  ports: ClusterPorts,
): Promise<void> {
  const hosts = followControllerHosts(declarations, namespace)
  const data = () => ({
    [rootKey]: ca.roots(),
    [controllerHostsKey(namespace)]: hosts.text(),
  })
  const roots = new RootCertificates({ ...ports, namespaces, data })
  ports.scope.onStop('root certificates', () => roots.stop())
  await roots.start()
  leadership.follow((leads) => roots.lead(leads))
  ca.follow(() => roots.refresh())
  hosts.follow(() => roots.refresh())
}
