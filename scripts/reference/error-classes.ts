import type { TreeFile } from '../../test/architecture/tree.ts'

/** What the source says of one error class. */
export interface ErrorClass {
  readonly name: string
  readonly code: string
  readonly description: string
  /** `…` stands for what is known only when it happens; empty when the class gives none. */
  readonly hint: string
  readonly path: string
}

/** Every class with a code of its own, by reading the source: importing it would run it. */
export function readErrorClasses(files: readonly TreeFile[]): ErrorClass[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(/^(?:export )?class (\w+) extends \w+/gm)].flatMap((match) => {
      const body = text.slice(match.index).split(/^}/m)[0] ?? ''
      const errorCode = /\bcode(?:: string)? = '([A-Z0-9_]+)'/.exec(body)?.[1]
      if (errorCode === undefined) return []
      const description = docCommentBefore(text.slice(0, match.index))
      return [{ name: match[1] ?? '', code: errorCode, description, hint: hintOf(body), path }]
    }),
  )
}

/** Classes that should be on the page but cannot be: no code, or nothing said about them. */
export function findErrorFaults(files: readonly TreeFile[]): string[] {
  const classes = readErrorClasses(files)
  const silent = classes
    .filter(({ description }) => description === '')
    .map(({ path, name }) => `${path}: ${name} has no doc comment`)
  const read = new Set(classes.map(({ name }) => name))
  const codeless = files.flatMap(({ path, text }) =>
    [...text.matchAll(/^(?:export )?class (\w+) extends CodedError/gm)]
      .filter(([, name = '']) => !read.has(name))
      .map(([, name = '']) => `${path}: ${name} has no code`),
  )
  return [...silent, ...codeless, ...findSharedCodes(classes)]
}

function findSharedCodes(classes: readonly ErrorClass[]): string[] {
  const seen = new Map<string, string>()
  return classes.flatMap(({ code: errorCode, path, name }) => {
    const first = seen.get(errorCode)
    seen.set(errorCode, first ?? path)
    return first === undefined ? [] : [`${path}: ${name} uses the code ${errorCode} of ${first}`]
  })
}

function docCommentBefore(text: string): string {
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text)?.[1] ?? ''
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The text after `hint:`, with the parts of a sum joined and every `${…}` shown as `…`. */
function hintOf(body: string): string {
  const literal = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/
  const sum = new RegExp(`\\bhint:\\s*((?:(?:${literal.source})\\s*\\+?\\s*)+)`)
  const texts = sum.exec(body)?.[1]?.match(new RegExp(literal, 'g')) ?? []
  return texts
    .map((text) =>
      text
        .slice(1, -1)
        .replace(/\$\{[^}]*\}/g, '…')
        .replace(/\\(.)/g, '$1'),
    )
    .join('')
}
