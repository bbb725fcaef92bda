import { z } from 'zod'

/** One option of a schema, as a person would write it down. */
export interface OptionRow {
  /** Keys from the top, as in `resolver.ttlSeconds`. */
  readonly path: readonly string[]
  readonly description: string
  /** As JSON; empty when it has none. */
  readonly fallback: string
  /** What it may be: `1 to 65535`, `true or false`, a list of words. */
  readonly values: string
}

/** The parts of JSON Schema that zod prints for options. */
interface Schema {
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** Every option of a strict object, those of inner objects included, in the order of the source. */
export function optionRows(options: z.ZodType): OptionRow[] {
  return rowsOf(z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }) as Schema, [])
}

function rowsOf(schema: Schema, path: readonly string[]): OptionRow[] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([key, inner]) =>
      rowsOf(inner, [...path, key]),
    )
  }
  const { description = '' } = schema
  const fallback = schema.default === undefined ? '' : JSON.stringify(schema.default)
  return [{ path, description, fallback, values: valuesOf(schema) }]
}

function valuesOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map(String).join(', ')
  if (schema.anyOf) return schema.anyOf.map(valuesOf).join(', or ')
  if (schema.type === 'boolean') return 'true or false'
  if (schema.type === 'array') return `list of ${valuesOf(schema.items ?? {})}`
  const isNumber = schema.type === 'integer' || schema.type === 'number'
  return isNumber ? `${schema.minimum} to ${schema.maximum}` : 'text'
}
