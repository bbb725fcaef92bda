/** A variable of a file, and where it stands. */
export interface FileVariable {
  readonly value: string
  /** Counted from 1. */
  readonly line: number
}

const word = /'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[^\s'"\\]+/y

/**
 * Variables as shells and systemd read them: `NAME=value` on lines of their own, with quotes and comments.
 *
 * Nothing is expanded. What is no variable is passed over, as systemd does. The last of a name counts.
 */
export function readEnvironmentText(text: string): ReadonlyMap<string, FileVariable> {
  const variables = new Map<string, FileVariable>()
  const start = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=/gm
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const [, name = ''] = match
    const line = text.slice(0, start.lastIndex).split('\n').length
    let value = ''
    word.lastIndex = start.lastIndex
    for (let part = word.exec(text); part; part = word.exec(text)) {
      value += unquote(part[0])
      // `word` forgets its place when it finds nothing.
      start.lastIndex = word.lastIndex
    }
    variables.set(name, { value, line })
  }
  return variables
}

function unquote(part: string): string {
  if (part.startsWith("'")) return part.slice(1, -1)
  if (part.startsWith('"')) return part.slice(1, -1).replace(/\\(["\\$`])/g, '$1')
  return part.startsWith('\\') ? part.slice(1).replace('\n', '') : part
}
