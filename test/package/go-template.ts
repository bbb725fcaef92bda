import { stringify } from 'yaml'
import { isPlainMap } from '../../src/documents/plain-map.ts'

type Tree = { readonly text: string } | { readonly words: string; readonly parts: Tree[][] }

/** Fills the few kinds of holes that our chart has, as Helm does; anything else is an error. */
export function fillTemplate(template: string, data: unknown): string {
  const pieces = template
    .replaceAll(/\s*\{\{-/g, '{{')
    .replaceAll(/-\}\}\s*/g, '}}')
    .split(/(\{\{.*?\}\})/)
    .filter((piece) => piece !== '')
  const [tree, rest] = parse(pieces, 0)
  if (rest < pieces.length) throw new Error(`nothing begins before ${pieces[rest]}`)
  return render(tree, { dot: data, variables: new Map([['$', data]]) })
}

function wordsOf(piece: string): string | undefined {
  return /^\{\{\s*(.*?)\s*\}\}$/.exec(piece)?.[1]
}

function parse(pieces: readonly string[], from: number): [Tree[], number] {
  const tree: Tree[] = []
  let at = from
  for (; at < pieces.length; at += 1) {
    const piece = pieces[at] ?? ''
    const words = wordsOf(piece)
    if (words === undefined) tree.push({ text: piece })
    else if (words === 'end' || words === 'else') break
    else if (/^(if|with|range) /.test(words)) {
      const parts: Tree[][] = []
      do {
        const [part, end] = parse(pieces, at + 1)
        parts.push(part)
        at = end
      } while (wordsOf(pieces[at] ?? '') === 'else')
      if (wordsOf(pieces[at] ?? '') !== 'end') throw new Error(`${words}: no end`)
      tree.push({ words, parts })
    } else tree.push({ words, parts: [] })
  }
  return [tree, at]
}

interface Scope {
  readonly dot: unknown
  readonly variables: ReadonlyMap<string, unknown>
}

function render(tree: readonly Tree[], scope: Scope): string {
  return tree.map((node) => ('text' in node ? node.text : renderNode(node, scope))).join('')
}

function renderNode({ words, parts }: Extract<Tree, { words: string }>, scope: Scope): string {
  const [, keyword, expression = words] = /^(if|with|range) (.*)$/.exec(words) ?? []
  const [main = [], otherwise = []] = parts
  if (keyword === undefined) return String(evaluate(expression, scope))
  if (keyword === 'range') {
    const [, key = '', value = '', of = ''] = /^(\$\w+), (\$\w+) := (.*)$/.exec(expression) ?? []
    const entries = Object.entries(evaluate(of, scope) as object).toSorted(([a], [b]) =>
      a < b ? -1 : 1,
    )
    return entries
      .map(([name, inner]) => {
        const variables = new Map([...scope.variables, [key, name], [value, inner]])
        return render(main, { dot: inner, variables })
      })
      .join('')
  }
  const value = evaluate(expression, scope)
  if (isEmpty(value)) return render(otherwise, scope)
  return render(main, keyword === 'with' ? { ...scope, dot: value } : scope)
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isPlainMap(value)) return Object.keys(value).length === 0
  return value === undefined || value === null || value === '' || value === 0 || value === false
}

function evaluate(expression: string, scope: Scope): unknown {
  const tokens = expression.match(/"[^"]*"|[()|]|[^\s()|]+/g) ?? []
  let at = 0
  const term = (): unknown => {
    const token = tokens[at] ?? ''
    at += 1
    if (token === '(') {
      const value = pipeline()
      at += 1
      return value
    }
    if (token.startsWith('"')) return JSON.parse(token) as unknown
    if (/^\d+$/.test(token)) return Number(token)
    if (token.startsWith('$')) return scope.variables.get(token)
    if (token === '.') return scope.dot
    if (!token.startsWith('.')) throw new Error(`${expression}: what is ${token}?`)
    return token.slice(1).split('.').reduce<unknown>(fieldOf, scope.dot)
  }
  const isMore = () => at < tokens.length && tokens[at] !== '|' && tokens[at] !== ')'
  const call = (last: readonly unknown[]): unknown => {
    const token = tokens[at] ?? ''
    if (!/^[a-z]/i.test(token)) return term()
    at += 1
    const values: unknown[] = []
    while (isMore()) values.push(term())
    const work = functions[token]
    if (!work) throw new Error(`there is no function ${token}`)
    return work(...values, ...last)
  }
  const pipeline = (): unknown => {
    let value = call([])
    while (tokens[at] === '|') {
      at += 1
      value = call([value])
    }
    return value
  }
  return pipeline()
}

function fieldOf(value: unknown, key: string): unknown {
  if (!isPlainMap(value) || !Object.hasOwn(value, key)) throw new Error(`there is no ${key}`)
  return value[key]
}

const functions: Readonly<Record<string, (...values: unknown[]) => unknown>> = {
  default: (fallback, value) => (isEmpty(value) ? fallback : value),
  dig: (...words) => {
    const [fallback, map] = words.slice(-2)
    const found = words
      .slice(0, -2)
      .reduce((value, key) => (isPlainMap(value) ? value[String(key)] : undefined), map)
    return found === undefined ? fallback : found
  },
  dict: (...pairs) =>
    Object.fromEntries(pairs.flatMap((key, at) => (at % 2 === 0 ? [[key, pairs[at + 1]]] : []))),
  mergeOverwrite: (...maps) => maps.reduce(merge),
  nindent: (count, text) => {
    const space = ' '.repeat(Number(count))
    return `\n${String(text).replaceAll(/^/gm, space)}`
  },
  printf: (format, ...values) => {
    let next = 0
    return String(format).replaceAll('%s', () => String(values[next++]))
  },
  quote: (value) => JSON.stringify(String(value)),
  toPrettyJson: (value) => JSON.stringify(value, undefined, 2),
  toString: String,
  toYaml: (value) => stringify(value).trimEnd(),
}

function merge(below: unknown, above: unknown): unknown {
  if (!isPlainMap(below) || !isPlainMap(above)) return above
  const entries = Object.entries(above).map(([key, value]) => [
    key,
    Object.hasOwn(below, key) ? merge(below[key], value) : value,
  ])
  return { ...below, ...Object.fromEntries(entries) }
}
