/** A map of plain values, as YAML and JSON have them. */
export type PlainMap = Readonly<Record<string, unknown>>

export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value, when it is a map; else one that is empty. */
export function asMap(value: unknown): PlainMap {
  return isPlainMap(value) ? value : {}
}

/** What a map has there, when that is a map; else one that is empty. */
export function mapAt(value: unknown, key: string): PlainMap {
  return asMap(asMap(value)[key])
}

/** The maps of the list that a map has there. */
export function mapsAt(value: unknown, key: string): readonly PlainMap[] {
  const list = asMap(value)[key]
  return Array.isArray(list) ? list.filter(isPlainMap) : []
}

/** The text that a map has there; empty where it has none. */
export function textAt(value: unknown, key: string): string {
  const text = asMap(value)[key]
  return typeof text === 'string' ? text : ''
}

/** What is text in a map, in its order, such as in labels and annotations. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(asMap(value)).filter(([, text]) => typeof text === 'string')
  return Object.fromEntries(texts) as Readonly<Record<string, string>>
}
