import { z } from 'zod'
import type { OptionSpec } from './command.ts'

/** One option of a schema with its names on the command line and in the environment. */
export interface AgentWord {
  /** Keys from the top, as in a configuration file. */
  readonly path: readonly string[]
  readonly spec: OptionSpec
  /** Long flag without dashes. */
  readonly flag: string
  readonly kind: 'text' | 'scalar' | 'list'
}

/** The parts of JSON Schema that zod prints for options. */
interface Schema {
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly type?: string
  readonly enum?: readonly unknown[]
  /** The option's own flag, where that of its place is too long. */
  readonly flag?: string
}

/**
 * Every option of a strict object as a flag and a variable, inner objects included.
 *
 * `virtualAddresses.v4Prefix` is `--virtual-addresses-v4-prefix` and, with the variables' own
 * beginning, `MESHDNS_VIRTUAL_ADDRESSES_V4_PREFIX`.
 */
export function agentWords(options: z.ZodType, variables = 'MESHDNS'): readonly AgentWord[] {
  const schema = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }) as Schema
  return wordsOf(schema, { path: [], variables })
}

interface Place {
  readonly path: readonly string[]
  readonly variables: string
}

function wordsOf(schema: Schema, { path, variables }: Place): AgentWord[] {
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([key, inner]) =>
      wordsOf(inner, { path: [...path, key], variables }),
    )
  }
  const flag = schema.flag ?? path.map(kebabCase).join('-')
  const kind = schema.type === 'array' ? 'list' : schema.type === 'string' ? 'text' : 'scalar'
  const value = schema.type === 'boolean' ? '[boolean]' : `<${schema.enum ? 'word' : schema.type}>`
  const fallback = schema.default === undefined ? undefined : formatDefault(schema.default)
  const spec: OptionSpec = {
    flags: `--${flag} ${kind === 'list' ? '<list>' : value}`,
    summary: schema.description ?? '',
    env: `${variables}_${flag.replaceAll('-', '_').toUpperCase()}`,
    ...(kind === 'list' ? { repeatable: true } : {}),
    ...(schema.enum ? { choices: schema.enum.map(String) } : {}),
    ...(fallback === undefined || fallback === '' ? {} : { fallback }),
  }
  return [{ path, spec, flag, kind }]
}

function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function formatDefault(value: unknown): string {
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'object' ? '' : `${value as string | number | boolean}`
}
