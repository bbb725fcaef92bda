import type { Report } from '../documents/report.ts'
import { type Nearness, nearnessOf } from '../registry/nearness.ts'
import type { ObjectMeta } from './mesh-object.ts'

/** Which endpoints an object wants first; `Any` is a word against its namespace's. */
export type TrafficDistribution = 'Any' | keyof typeof nearnessOf

const key = 'networking.istio.io/traffic-distribution'

/** Words of Istio's annotation, in whichever case; an agent takes no `Local` from it. */
const words: ReadonlyMap<string, TrafficDistribution> = new Map(
  (['Any', 'PreferSameZone', 'PreferSameNode'] as const).map((one) => [one.toLowerCase(), one]),
).set('preferclose', 'PreferSameZone')

/** As the annotation says, of a Service, ServiceEntry or Namespace; a word that nobody knows is `Any`. */
export function readTrafficDistribution(
  { annotations }: ObjectMeta,
  report: Report,
): TrafficDistribution | undefined {
  const text = annotations.get(key) ?? ''
  if (text === '') return undefined
  const known = words.get(text.toLowerCase())
  if (known === undefined) {
    report.warning({
      code: 'TRAFFIC_DISTRIBUTION',
      path: ['metadata', 'annotations', key],
      message: `${JSON.stringify(text)} is no traffic distribution; all endpoints are alike`,
      hint: 'Write "PreferSameZone", "PreferSameNode" or "Any".',
    })
  }
  return known ?? 'Any'
}

/** The object's own word counts, else that of its namespace. */
export function resolveNearness(
  own: TrafficDistribution | undefined,
  ofNamespace: TrafficDistribution | undefined,
): Nearness | undefined {
  const { [own ?? ofNamespace ?? 'Any']: nearness } = { ...nearnessOf, Any: undefined }
  return nearness
}
