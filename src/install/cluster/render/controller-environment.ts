import type { PlainMap } from '../../../documents/plain-map.ts'
import type { Rendering } from './deployment.ts'
import { oneOfEachName } from './variables.ts'

/** What the controller is told in a cluster; what users say of it goes over ours, by name. */
export function controllerEnvironment({ names, config, settings }: Rendering): readonly PlainMap[] {
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  })
  const said = (name: string, value: string) => (value === '' ? [] : [{ name, value }])
  const all: readonly PlainMap[] = [
    field('POD_NAME', 'metadata.name'),
    field('POD_NAMESPACE', 'metadata.namespace'),
    { name: 'REVISION', value: names.revision },
    ...said('CLUSTER_ID', config.clusterName),
    ...[...config.pilotEnv].map(([name, value]) => ({ name, value })),
    ...settings.env,
  ]
  return oneOfEachName(all)
}
