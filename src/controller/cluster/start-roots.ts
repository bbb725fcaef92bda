import type { RootSource } from './ca-bundles.ts'
import type { ClusterPorts } from './cluster-ports.ts'
import type { Leadership } from './leadership.ts'
import { RootCertificates, type RootCertificatesParts } from './roots/root-certificates.ts'

export interface RootsParts extends Pick<RootCertificatesParts, 'namespaces'> {
  readonly ca: RootSource
}

/** Has pods of every namespace know whom to believe, as long as we lead. */
export async function startRoots(
  { ca, namespaces }: RootsParts,
  leadership: Leadership,
  ports: ClusterPorts,
): Promise<void> {
  const roots = new RootCertificates({ ...ports, namespaces, roots: () => ca.roots() })
  ports.scope.onStop('root certificates', () => roots.stop())
  await roots.start()
  leadership.follow((leads) => roots.lead(leads))
  ca.follow(() => roots.refresh())
}
