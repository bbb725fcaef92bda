/** A map of plain values, as YAML and JSON have them. */
export type PlainMap = Readonly<Record<string, unknown>>

export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value, when it is a map; else one that is empty. */
export function asMap(value: unknown): PlainMap {
  return isPlainMap(value) ? value : {}
}
