import type { Endpoint, Origin } from '../../registry/service.ts'
import type { WorkloadSpec } from '../mesh-object.ts'

interface WorkloadFacts {
  readonly ports: ReadonlyMap<number, number>
  readonly healthy: boolean
  readonly origin: Origin
}

/** The workload as an endpoint; `undefined` when it has no address that can be dialled. */
export function endpointOfWorkload(
  { target, weight, locality, network, serviceAccount }: WorkloadSpec,
  { ports, healthy, origin }: WorkloadFacts,
): Endpoint | undefined {
  if (!target) return undefined
  return {
    target,
    otherAddresses: [],
    ports,
    weight,
    healthy,
    ...(locality === undefined ? {} : { locality }),
    ...(network === undefined ? {} : { network }),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    origin,
  }
}
