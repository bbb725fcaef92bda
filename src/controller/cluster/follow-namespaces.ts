import { valueAt } from '../../config/layer.ts'
import { asMap } from '../../documents/plain-map.ts'
import { namespaceKind } from '../../kubernetes/source/source-kinds.ts'
import { Reflector } from '../../kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../kubernetes/watch/reflector-options.ts'

/** A namespace, as far as we write into it, and into its pods. */
export interface ClusterNamespace {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly isEnding: boolean
}

/** All that there are, by `/NAME`, with labels as text; not started yet. */
export function followNamespaces(ports: ReflectorPorts): Reflector<ClusterNamespace> {
  return new Reflector(
    {
      kind: namespaceKind.watched,
      metadataOnly: true,
      project(raw) {
        const name = valueAt(raw, ['metadata', 'name'])
        if (typeof name !== 'string') return undefined
        const labels = valueAt(raw, ['metadata', 'labels'])
        const isEnding = valueAt(raw, ['metadata', 'deletionTimestamp']) !== undefined
        return { name, labels: labelsOf(labels), isEnding }
      },
    },
    ports,
  )
}

function labelsOf(labels: unknown): ReadonlyMap<string, string> {
  const entries = Object.entries(asMap(labels))
  return new Map(entries.map(([key, value]) => [key, String(value)]))
}
