import { isPlainMap } from '../documents/plain-map.ts'
import type { StoredObject } from './cluster-store.ts'

/** Whether an object is among those that a path and its query mean: `KEY=VALUE`, `KEY!=VALUE`, `KEY`, with commas. */
export function isSelected(
  object: StoredObject,
  { namespace, query }: { readonly namespace: string | undefined; readonly query: URLSearchParams },
): boolean {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false
  const labels = object.metadata['labels']
  const ofLabels = (key: string) => (isPlainMap(labels) ? labels[key] : undefined)
  const ofFields = (path: string) =>
    path.split('.').reduce<unknown>((at, key) => (isPlainMap(at) ? at[key] : undefined), object)
  return (
    matches(query.get('labelSelector'), ofLabels) && matches(query.get('fieldSelector'), ofFields)
  )
}

function matches(selector: string | null, valueOf: (key: string) => unknown): boolean {
  const terms = (selector ?? '').split(',').filter((term) => term !== '')
  return terms.every((term) => {
    const [, key = '', operator, wanted] = /^([^=!]+)(!=|==?)?(.*)$/.exec(term) ?? []
    const value = valueOf(key)
    if (operator === undefined) return value !== undefined
    return (value === wanted) === (operator !== '!=')
  })
}
