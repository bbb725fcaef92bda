import { parse, YAMLError } from 'yaml'
import type { z } from 'zod'
import { closestWord } from '../base/closest-word.ts'
import { CodedError } from '../base/coded-error.ts'
import type { AgentWord } from './agent-words.ts'
import { type IstioVariable, istioVariables, readIstioVariable } from './istio-variables.ts'
import type { OptionValues } from './option-values.ts'

/** Options make no sense; nothing was started. */
export class ConfigInvalidError extends CodedError {
  override readonly code = 'CONFIG_INVALID'
}

/** A configuration file as text, and its name. */
export interface ConfigFile {
  readonly file: string
  readonly text: string
}

export interface OptionSources {
  readonly words: readonly AgentWord[]
  /** Flags, and variables of our own behind them. */
  readonly options: OptionValues
  readonly env: Readonly<Record<string, string | undefined>>
  readonly config?: ConfigFile
  /** Those of Istio that count; its agent's when not told. */
  readonly variables?: readonly IstioVariable[]
  /** Command that lists the options. */
  readonly help?: string
}

type Tree = { [key: string]: unknown }

/**
 * Puts options together: flags over variables over Istio's variables over the file over defaults.
 * @throws {ConfigInvalidError} when something is unknown, of the wrong kind or out of range.
 */
export function readAgentOptions<Schema extends z.ZodType>(
  schema: Schema,
  sources: OptionSources,
): z.output<Schema> {
  const { words, options, env, config, variables = istioVariables } = sources
  const tree = config === undefined ? {} : readConfigFile(config)
  for (const variable of variables) {
    const text = env[variable.name]
    if (text !== undefined && text !== '') {
      put(tree, variable.path, readIstioVariable(variable, text))
    }
  }
  for (const word of words) {
    const value = valueOf(word, options)
    if (value !== undefined) put(tree, word.path, value)
  }
  const { success, data, error } = schema.safeParse(tree)
  if (success) return data
  throw invalid(error, sources)
}

function readConfigFile({ file, text }: ConfigFile): Tree {
  try {
    const value: unknown = parse(text) ?? {}
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Tree
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error
    throw new ConfigInvalidError(`${file} is not YAML`, { cause: error })
  }
  throw new ConfigInvalidError(`${file} does not hold options`, {
    hint: 'Write one option a line, such as `namespace: shop`.',
  })
}

function valueOf({ flag, kind }: AgentWord, options: OptionValues): unknown {
  if (!options.isGiven(flag)) return undefined
  if (kind === 'list') {
    const texts = options.texts(flag).flatMap((text) => text.split(','))
    return texts
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map(numberOrText)
  }
  if (options.has(flag)) return true
  const text = options.text(flag)
  return kind === 'text' || text === undefined ? text : scalar(text)
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return numberOrText(text)
}

function numberOrText(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path
  if (rest.length === 0) {
    tree[key] = value
    return
  }
  const inner = tree[key]
  const branch = typeof inner === 'object' && inner !== null ? (inner as Tree) : {}
  tree[key] = branch
  put(branch, rest, value)
}

function invalid(
  error: z.ZodError,
  { words, config, help = 'meshdns agent --help' }: OptionSources,
): ConfigInvalidError {
  const hints: string[] = []
  const faults = error.issues.map((issue) => {
    if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.')}: ${issue.message}`
    const [key = ''] = issue.keys
    const full = [...issue.path, key].join('.')
    const known = words.flatMap(({ path }) => path.map((_, at) => path.slice(0, at + 1).join('.')))
    const meant = closestWord(full, known)
    if (meant !== undefined) hints.push(`Did you mean ${meant}?`)
    return `${full}: no such option`
  })
  const where = config === undefined ? '' : ` (${config.file}, flags and environment)`
  return new ConfigInvalidError(`options make no sense${where}: ${faults.join('; ')}`, {
    hint: hints[0] ?? `See: ${help}`,
  })
}
