import type { AgentSettings } from '../config/agent-settings.ts'
import { formatPlaceValue, placeValue } from '../config/setting-value.ts'
import type { GivenOption } from './given-options.ts'

/** What the mesh says of destinations that it does not know, as an option of ours. */
export function givenOutboundPolicy({ mesh }: Pick<AgentSettings, 'mesh'>): readonly GivenOption[] {
  const mode = mesh.settings.list.find(
    ({ path }) => path.join('.') === 'outboundTrafficPolicy.mode',
  )
  if (!mode || mode.origin.layer.level === 'built-in') return []
  const from = () => formatPlaceValue(placeValue(mode.origin))
  return [{ path: ['relay', 'unknownDestination'], value: mode.value, from }]
}
