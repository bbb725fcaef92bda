import { parse, YAMLError } from 'yaml'
import type { z } from 'zod'
import { closestWord } from '../base/closest-word.ts'
import { CodedError } from '../base/coded-error.ts'
import { type GivenOption, givenOptions, type OptionSources } from './given-options.ts'

/** Options make no sense; nothing was started. */
export class ConfigInvalidError extends CodedError {
  override readonly code = 'CONFIG_INVALID'
}

/** A configuration file as text, and its name. */
export interface ConfigFile {
  readonly file: string
  readonly text: string
}

export interface AgentOptionSources extends OptionSources {
  readonly config?: ConfigFile
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
  sources: AgentOptionSources,
): z.output<Schema> {
  const tree: Tree = {}
  for (const { path, value } of agentOptionsGiven(sources)) {
    if (path.length > 0) put(tree, path, value)
  }
  const { success, data, error } = schema.safeParse(tree)
  if (success) return data
  throw invalid(error, sources)
}

/**
 * What was given, the lowest first, each with its source.
 * @throws {ConfigInvalidError} when the file cannot be understood.
 */
export function agentOptionsGiven({
  config,
  ...sources
}: AgentOptionSources): readonly GivenOption[] {
  const read = config && { file: config.file, tree: readConfigFile(config) }
  return givenOptions(read, sources)
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
  { words, config, help = 'meshdns agent --help' }: AgentOptionSources,
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
