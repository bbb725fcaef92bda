import type { PlainMap } from '../../../documents/plain-map.ts'

/** A piece of an OpenAPI schema, as a CustomResourceDefinition has it. */
export type Schema = PlainMap

/** A rule that the API server checks (CEL, with `self`), and what it says when the rule does not hold. */
export interface Rule {
  readonly rule: string
  readonly message: string
}

export function withRules(schema: Schema, ...rules: readonly Rule[]): Schema {
  return { ...schema, 'x-kubernetes-validations': rules }
}

export function object(
  properties: Readonly<Record<string, Schema>>,
  ...required: readonly string[]
): Schema {
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

/** At most `maxItems` of them: what a rule may cost is reckoned from limits. */
export function list(items: Schema, maxItems: number): Schema {
  return { type: 'array', maxItems, items }
}

export function text(maxLength: number): Schema {
  return { type: 'string', maxLength }
}

export function map(values: Schema, maxProperties: number): Schema {
  return { type: 'object', maxProperties, additionalProperties: values }
}

export function oneOf(...words: readonly string[]): Schema {
  return { type: 'string', enum: words }
}

export function number(minimum: number, maximum: number): Schema {
  return { type: 'integer', minimum, maximum }
}

/** What we keep as it is, and do not look into. */
export const anything: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/** Labels that choose workloads. */
export const selectorLabels = map(
  withRules(text(63), { rule: "!self.contains('*')", message: 'a label must not contain *' }),
  256,
)
