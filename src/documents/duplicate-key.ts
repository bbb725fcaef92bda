import { type Document, isPair, isScalar, visit } from 'yaml'

export interface DuplicateKey {
  readonly message: string
  readonly offset: number
}

/**
 * The first name that a map has twice (YAML 1.2.2 §3.2.1.3); `undefined` when there is none.
 *
 * The parser's own check compares each with each: a text that strangers write could keep us busy for minutes.
 */
export function duplicateKey(document: Document.Parsed): DuplicateKey | undefined {
  let found: DuplicateKey | undefined
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>()
      for (const item of items) {
        const key: unknown = isPair(item) ? item.key : undefined
        // Merges may be several.
        if (!isScalar(key) || key.value === '<<') continue
        if (seen.has(key.value)) {
          found = { message: 'Map keys must be unique', offset: key.range?.[0] ?? 0 }
          return visit.BREAK
        }
        seen.add(key.value)
      }
      return undefined
    },
  })
  return found
}
