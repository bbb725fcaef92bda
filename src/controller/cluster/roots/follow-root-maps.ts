import { rootKey, sharedNames } from '../../../config/cluster-object-names.ts'
import { valueAt } from '../../../config/layer.ts'
import { Reflector } from '../../../kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../../kubernetes/watch/reflector-options.ts'

/** The ConfigMap of a namespace. */
export interface RootMap {
  readonly namespace: string
  readonly roots: string
}

export function followRootMaps(ports: ReflectorPorts): Reflector<RootMap> {
  return new Reflector(
    {
      kind: { group: '', versions: ['v1'], plural: 'configmaps' },
      fieldSelector: `metadata.name=${sharedNames.rootConfigMap}`,
      project: (raw) => {
        const roots = valueAt(raw, ['data', rootKey])
        return {
          namespace: String(valueAt(raw, ['metadata', 'namespace'])),
          roots: typeof roots === 'string' ? roots : '',
        }
      },
    },
    ports,
  )
}
