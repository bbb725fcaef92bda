import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import type { ReflectorPorts } from '../../kubernetes/watch/reflector-options.ts'
import type { ControllerPorts } from '../ports.ts'

/** What every part of a controller shares that lives with a cluster. */
export interface ClusterPorts extends ControllerPorts, ReflectorPorts {
  readonly client: ClusterClient
}
