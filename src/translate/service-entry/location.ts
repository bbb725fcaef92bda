import type { ServiceEntry } from '../mesh-object.ts'
import type { EntryContext } from './entry-context.ts'
import { hintForValue, nameOfValue } from './enumeration.ts'

type Location = ServiceEntry['location']

/** In the order of their numbers. */
const locations: readonly Location[] = ['MESH_EXTERNAL', 'MESH_INTERNAL']

/** `spec.location`, and with what it does not go together (E16); outside when nobody said. */
export function checkLocation(context: EntryContext): Location | undefined {
  const { spec, meta, resolution, report } = context
  const path = ['spec', 'location']
  const location = nameOfValue(locations, spec.location)
  if (!location) {
    report.error({
      code: 'SCHEMA',
      path,
      message: `${JSON.stringify(spec.location)} is not a location`,
      hint: hintForValue(locations, spec.location ?? ''),
    })
    return undefined
  }
  const waypoint = meta.labels.get('istio.io/use-waypoint') ?? ''
  const hasWaypoint = waypoint !== '' && waypoint !== 'none'
  if (resolution === 'DYNAMIC_DNS' && location === 'MESH_INTERNAL' && hasWaypoint) {
    report.error({
      code: 'E16',
      path,
      message: 'an internal service with a waypoint cannot have resolution DYNAMIC_DNS',
      hint: 'Set location: MESH_EXTERNAL, or remove the label istio.io/use-waypoint.',
    })
  }
  return location
}
