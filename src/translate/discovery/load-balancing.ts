import {
  isSameNearness,
  type Nearness,
  nearnessOf,
  type PlaceScope,
} from '../../registry/nearness.ts'
import type { Service } from '../../registry/service.ts'
import {
  LoadBalancing_HealthPolicy,
  LoadBalancing_Mode,
  LoadBalancing_Scope,
} from '../../rpc/gen/istio/workload/workload_pb.js'
import type { LoadBalancingFields } from './address-fields.ts'

/** What every proxy is told of how a service's endpoints are chosen; `undefined` where all is usual. */
export function loadBalancingOf({ resolution, publishNotReady, nearness }: Service) {
  const isPassedThrough = resolution === 'NONE'
  if (!isPassedThrough && !publishNotReady && !nearness) return undefined
  return {
    ...(isPassedThrough || !nearness ? {} : { routingPreference: scopeNumbers(nearness) }),
    mode: isPassedThrough ? LoadBalancing_Mode.PASSTHROUGH : nearness ? modeOf(nearness) : 0,
    healthPolicy: publishNotReady ? LoadBalancing_HealthPolicy.ALLOW_ALL : 0,
  }
}

function modeOf({ strict }: Nearness): LoadBalancing_Mode {
  return strict ? LoadBalancing_Mode.STRICT : LoadBalancing_Mode.FAILOVER
}

export function scopeNumbers({ scopes }: Nearness): LoadBalancing_Scope[] {
  return scopes.map((scope) => LoadBalancing_Scope[scope])
}

/** As another controller than ours says it. */
export function nearnessOfMessage({
  routingPreference,
  mode,
}: LoadBalancingFields): Nearness | undefined {
  const strict = mode === LoadBalancing_Mode.STRICT
  if (!strict && mode !== LoadBalancing_Mode.FAILOVER) return undefined
  return readNearness(routingPreference, strict)
}

/** What is no place that we know of counts for nothing; so does the cluster, since endpoints do not say theirs. */
export function readNearness(numbers: readonly number[], strict: boolean): Nearness | undefined {
  if (numbers.length === 0) return undefined
  const known = numbers.map((number) => byNumber.get(number)).filter((scope) => scope !== undefined)
  if (known.length === 0) return undefined
  const nearness = { scopes: [...new Set(known)], strict }
  return usual.find((one) => isSameNearness(one, nearness)) ?? nearness
}

/** Nearly all services have one of these: they share it. */
const usual: readonly Nearness[] = Object.values(nearnessOf)

const byNumber: ReadonlyMap<number, PlaceScope> = new Map([
  [LoadBalancing_Scope.NETWORK, 'NETWORK'],
  [LoadBalancing_Scope.REGION, 'REGION'],
  [LoadBalancing_Scope.ZONE, 'ZONE'],
  [LoadBalancing_Scope.SUBZONE, 'SUBZONE'],
  [LoadBalancing_Scope.NODE, 'NODE'],
])
