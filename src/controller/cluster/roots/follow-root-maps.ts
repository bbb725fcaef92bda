import { sharedNames } from '../../../config/cluster-object-names.ts'
import { valueAt } from '../../../config/layer.ts'
import { Reflector } from '../../../kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../../kubernetes/watch/reflector-options.ts'

/** What is kept in the ConfigMaps, key by key. */
export type RootData = Readonly<Record<string, string>>

/** The ConfigMap of a namespace. */
export interface RootMap {
  readonly namespace: string
  /** Our part of its data, as `textOfData` has it. */
  readonly text: string
}

/** Only these keys count: whoever else lives there keeps what is his. */
export function followRootMaps(keys: readonly string[], ports: ReflectorPorts): Reflector<RootMap> {
  return new Reflector(
    {
      kind: { group: '', versions: ['v1'], plural: 'configmaps' },
      fieldSelector: `metadata.name=${sharedNames.rootConfigMap}`,
      project: (raw) => {
        const data = keys.map((key) => [key, valueAt(raw, ['data', key])])
        return {
          namespace: String(valueAt(raw, ['metadata', 'namespace'])),
          text: textOfData(Object.fromEntries(data)),
        }
      },
    },
    ports,
  )
}

/** A key that is missing is as good as an empty one. */
export function textOfData(data: Readonly<Record<string, unknown>>): string {
  const texts = Object.values(data).map((value) => (typeof value === 'string' ? value : ''))
  return JSON.stringify(texts)
}
