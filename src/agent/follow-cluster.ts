import type { ClusterFacts, ClusterFactsSource } from '../registry/cluster-facts.ts'
import type { Mesh } from './mesh.ts'

interface Followers {
  readonly mesh: Pick<Mesh, 'settled'>
  readonly resolver: { setCluster(facts: ClusterFacts | undefined): void }
}

/**
 * Tells the resolver what is known of the cluster as a whole.
 *
 * That names may be denied it hears only once all that the catalog told before is in force; that they
 * may be no longer, at once.
 */
export function followCluster(
  catalog: Partial<ClusterFactsSource>,
  { mesh, resolver }: Followers,
): void {
  const facts = () => catalog.clusterFacts?.()
  const take = () => {
    const now = facts()
    if (!now?.complete) {
      resolver.setCluster(now)
      return
    }
    void mesh.settled().then(
      () => setIfStill(now),
      // What could not be put in force comes again with the next change; until then nothing is denied.
      () => resolver.setCluster(undefined),
    )
  }
  /** Facts of a later moment have their own turn. */
  const setIfStill = (then: ClusterFacts) => {
    if (facts() === then) resolver.setCluster(then)
  }
  catalog.followClusterFacts?.(take)
  take()
}
