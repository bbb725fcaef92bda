import type { Path } from '../documents/path.ts'

/** One `--set PATH=VALUE`, taken apart. */
export interface SetExpression {
  readonly path: Path
  readonly value: string | number | boolean
}

export interface SetFault {
  readonly message: string
  readonly hint: string
  /** Where in the expression, counted from 1. */
  readonly column: number
}

/** Paths below which every value stays a text, as Istio has it. */
const texts: readonly Path[] = [
  ['meshConfig', 'defaultConfig', 'proxyMetadata'],
  ['values', 'pilot', 'env'],
  ['values', 'compatibilityVersion'],
  ['compatibilityVersion'],
  ['revision'],
]

/**
 * Reads `a.b=c`: dots separate, `\.` is a dot, `[0]` is an item of a list; a leading `spec.` may stand.
 *
 * Whole numbers, fractions, `true` and `false` mean themselves, except where Istio wants texts.
 */
export function readSetExpression(text: string): SetExpression | SetFault {
  const equals = text.indexOf('=')
  if (equals < 0) {
    return { message: 'there is no "="', hint: 'Write --set PATH=VALUE.', column: text.length + 1 }
  }
  const path = readPath(text.slice(0, equals))
  if ('message' in path) return path
  const inner = path[0] === 'spec' ? path.slice(1) : path
  const value = text.slice(equals + 1)
  const isText = texts.some((prefix) => prefix.every((segment, at) => inner[at] === segment))
  return { path: inner, value: isText ? value : readValue(value) }
}

function readPath(text: string): Path | SetFault {
  const path: (string | number)[] = []
  const segments = /((?:[^.[\]\\]|\\.)+)|\[([^\]]*)\]|(.)/gsy
  let wantsSegment = true
  for (const { index, 0: whole, 1: key, 2: item } of text.matchAll(segments)) {
    const column = index + 1
    if (key !== undefined && wantsSegment) path.push(key.replace(/\\(.)/gs, '$1'))
    else if (item !== undefined && path.length > 0) {
      if (!/^\d{1,6}$/.test(item)) return badItem(item, column)
      path.push(Number(item))
    } else if (whole === '.' && !wantsSegment) {
      wantsSegment = true
      continue
    } else return badPath(column)
    wantsSegment = false
  }
  return wantsSegment ? badPath(text.length + 1) : path
}

function badPath(column: number): SetFault {
  const hint = 'Write names with dots between them, such as meshConfig.rootNamespace=mesh.'
  return { message: `a name is missing at character ${column}`, hint, column }
}

function badItem(item: string, column: number): SetFault {
  return {
    message: `[${item}] is no item of a list`,
    hint: 'Items are numbers counted from 0, such as [0]; they cannot be chosen by name.',
    column,
  }
}

function readValue(text: string): string | number | boolean {
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  if (/^-?\d*\.\d+$/.test(text)) return Number(text)
  if (/^(t|T|TRUE|true|True)$/.test(text)) return true
  if (/^(f|F|FALSE|false|False)$/.test(text)) return false
  return text.replaceAll('\\,', ',')
}
