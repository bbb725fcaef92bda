/** A text with lines of ours in it. */
export interface Blocked {
  readonly text: string
  /** Whether a line feed had to be added first: the last line had none. */
  readonly newline: boolean
}

const begin = '# BEGIN meshdns: `meshdns vm uninstall` takes these lines away'
const end = '# END meshdns'

/** Puts a block in place of an earlier one, or at the end. */
export function insertBlock(text: string, block: string): Blocked {
  const found = findBlock(text)
  const lines = `${begin}\n${block}${end}\n`
  if (found) {
    return { text: text.slice(0, found.from) + lines + text.slice(found.to), newline: false }
  }
  const newline = text !== '' && !text.endsWith('\n')
  return { text: `${text}${newline ? '\n' : ''}${lines}`, newline }
}

/** The text without the block; `undefined` when it has none like it. */
export function removeBlock(text: string, block: string, newline: boolean): string | undefined {
  const found = findBlock(text)
  if (found?.block !== block) return undefined
  const [before, after] = [text.slice(0, found.from), text.slice(found.to)]
  const isAsItWas = newline && after === '' && before.endsWith('\n')
  return (isAsItWas ? before.slice(0, -1) : before) + after
}

/** Whether lines of ours are in a text, whatever they say. */
export function hasBlock(text: string): boolean {
  return findBlock(text) !== undefined
}

function findBlock(text: string) {
  const from = text.startsWith(`${begin}\n`) ? 0 : text.indexOf(`\n${begin}\n`) + 1
  if (from === 0 && !text.startsWith(`${begin}\n`)) return undefined
  const inner = from + begin.length + 1
  const last = text.startsWith(`${end}\n`, inner)
    ? inner
    : text.indexOf(`\n${end}\n`, inner - 1) + 1
  if (last === 0) return undefined
  return { from, to: last + end.length + 1, block: text.slice(inner, last) }
}
