import type { RouteTable } from '../balance/route-table.ts'
import type { ClusterFactsSource } from '../registry/cluster-facts.ts'
import type { Place } from '../registry/nearness.ts'
import { localityOf } from '../translate/workload/check-workload.ts'
import { labelsOf } from './labels-of.ts'
import type { AgentOptions } from './options.ts'

type PlaceOptions = Pick<AgentOptions, 'network' | 'locality' | 'labels' | 'node'>

/**
 * Has routes prefer endpoints that are near: where we are the options say, or labels, or the controller, which knows the node.
 *
 * What a controller said holds while none can be reached.
 */
export function followPlace(
  options: PlaceOptions,
  catalog: Partial<ClusterFactsSource>,
  routes: Pick<RouteTable, 'setPlace'>,
): void {
  const { network, node } = options
  const own = options.locality || localityOf(labelsOf(options))
  const placeAt = (locality: string | undefined): Place => ({
    ...(network === '' ? {} : { network }),
    ...(locality === undefined ? {} : { locality }),
    ...(node.name === '' ? {} : { node: node.name }),
  })
  let told: string | undefined
  const take = () => {
    const locality = catalog.clusterFacts?.()?.locality
    if (locality === undefined || locality === told) return
    told = locality
    routes.setPlace(placeAt(locality))
  }
  routes.setPlace(placeAt(own))
  if (own !== undefined) return
  catalog.followClusterFacts?.(take)
  take()
}
