import { valueAt } from '../../config/layer.ts'
import { isPlainMap, type PlainMap } from '../../documents/plain-map.ts'

/** A Pod of which mostly nothing is made: as a text it takes a fraction of the memory. */
export interface HeldPod {
  /** `NAMESPACE/NAME`. */
  readonly key: string
  /** JSON of the fields that are needed. */
  readonly text: string
}

/** What is held of a Pod as it came off the wire; fields that are malformed stay so. */
export function holdPod({ metadata, spec, status }: PlainMap): HeldPod {
  const place = (field: string) => String(valueAt(metadata, [field]))
  return {
    key: `${place('namespace')}/${place('name')}`,
    text: JSON.stringify({
      metadata: pick(metadata, fieldsOf.metadata),
      spec: withItems(pick(spec, fieldsOf.spec), 'containers', portsOf),
      status: withItems(pick(status, fieldsOf.status), 'conditions', readinessOf),
    }),
  }
}

/** The Pod's needed fields, without `kind` and `apiVersion`. */
export function readHeldPod({ text }: HeldPod): PlainMap {
  return JSON.parse(text) as PlainMap
}

const fieldsOf = {
  metadata: ['name', 'namespace', 'creationTimestamp', 'deletionTimestamp', 'labels'],
  spec: ['hostname', 'subdomain', 'serviceAccountName', 'nodeName', 'containers'],
  status: ['phase', 'podIP', 'podIPs', 'conditions'],
} as const

/** What is no map stays as it is: whoever reads it says what is wrong with it. */
function pick(given: unknown, fields: readonly string[]): unknown {
  if (!isPlainMap(given)) return given
  return Object.fromEntries(fields.map((field) => [field, given[field]]))
}

function withItems(
  given: unknown,
  list: string,
  itemsOf: (item: unknown) => readonly unknown[],
): unknown {
  if (!isPlainMap(given) || !Array.isArray(given[list])) return given
  return { ...given, [list]: given[list].flatMap(itemsOf) }
}

function portsOf(container: unknown): readonly unknown[] {
  return isPlainMap(container) && container['ports'] === undefined
    ? []
    : [pick(container, ['ports'])]
}

function readinessOf(condition: unknown): readonly unknown[] {
  const type = valueAt(condition, ['type'])
  const isOther = typeof type === 'string' && type !== 'Ready'
  return isOther ? [] : [pick(condition, ['type', 'status'])]
}
