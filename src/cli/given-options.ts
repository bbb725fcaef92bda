import type { IstioVariable } from '../config/istio-variable.ts'
import { formatPlaceValue, placeValue } from '../config/setting-value.ts'
import type { Origin } from '../config/settings.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import type { AgentWord } from './agent-words.ts'
import { istioVariables, numberOrText, readIstioVariable, readList } from './istio-variables.ts'
import type { OptionValues } from './option-values.ts'

/** One option as somebody gave it, not checked yet. */
export interface GivenOption {
  /** Keys from the top. */
  readonly path: readonly string[]
  readonly value: unknown
  /** For people: a flag, a variable, or a file with its line. Slow where settings are concerned. */
  from(): string
}

export interface OptionSources {
  readonly words: readonly AgentWord[]
  /** Flags, and variables of our own behind them. */
  readonly options: OptionValues
  readonly env: Readonly<Record<string, string | undefined>>
  /** Of variables that settings put into the environment: where they were written. */
  readonly origins?: ReadonlyMap<string, Origin>
  /** What settings say that is no variable; Istio's variables go over it. */
  readonly settings?: readonly GivenOption[]
  /** Those of Istio that count; its agent's when not told. */
  readonly variables?: readonly IstioVariable[]
}

/** Everything that was given, the lowest first: the file, Istio's variables, our variables, flags. */
export function givenOptions(
  config: { readonly file: string; readonly tree: unknown } | undefined,
  sources: OptionSources,
): readonly GivenOption[] {
  return [
    ...(config ? leavesOf(config.tree, [], () => config.file) : []),
    ...(sources.settings ?? []),
    ...fromIstio(sources),
    ...sources.words.flatMap((word) => fromWord(word, sources)),
  ]
}

function leavesOf(tree: unknown, path: readonly string[], from: () => string): GivenOption[] {
  if (!isPlainMap(tree)) return [{ path, value: tree, from }]
  return Object.entries(tree).flatMap(([key, inner]) => leavesOf(inner, [...path, key], from))
}

function fromIstio({ env, origins, variables = istioVariables }: OptionSources): GivenOption[] {
  return variables.flatMap((variable) => {
    const { name, path } = variable
    const text = env[name]
    if (text === undefined || text === '') return []
    return [{ path, value: readIstioVariable(variable, text), from: () => sourceOf(name, origins) }]
  })
}

function fromWord(word: AgentWord, { options, env, origins }: OptionSources): GivenOption[] {
  const { flag, path, spec, kind } = word
  const variable = spec.env ?? ''
  if (options.isGiven(flag) && !options.isFromEnvironment(flag)) {
    return [{ path, value: valueOf(word, options), from: () => `--${flag}` }]
  }
  // Settings and files may have put it there; what the process began with may not count any more.
  const text = env[variable]
  if (text === undefined) return []
  const value = kind === 'list' ? readList(text) : kind === 'text' ? text : scalar(text)
  return [{ path, value, from: () => sourceOf(variable, origins) }]
}

function sourceOf(variable: string, origins: OptionSources['origins']): string {
  const origin = origins?.get(variable)
  const place = origin ? ` of ${formatPlaceValue(placeValue(origin))}` : ''
  return `${variable}${place}`
}

function valueOf({ flag, kind }: AgentWord, options: OptionValues): unknown {
  if (kind === 'list') return options.texts(flag).flatMap(readList)
  if (options.has(flag)) return true
  const text = options.text(flag)
  return kind === 'text' || text === undefined ? text : scalar(text)
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^\d+\.\d+$/.test(text) ? Number(text) : numberOrText(text)
}
