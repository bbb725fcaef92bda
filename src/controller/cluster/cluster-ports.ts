import type { Random } from '../../base/random.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import type { ControllerPorts } from '../ports.ts'

/** What every part of a controller shares that lives with a cluster. */
export interface ClusterPorts extends ControllerPorts {
  readonly client: ClusterClient
  readonly random: Random
}
