import { isProduct, lineAt, type TreeFile } from './tree.ts'

/** A call of a log: its fields, when it has any written out, and what follows them. */
const call = /\blog(?:ger)?\.(?:error|warn|info|debug)\(\s*(\{[^{}]*\}|[^,(){}]+)\s*,\s*([^)]*)\)/g

/** The names that `LogFields` declares. */
export function logFieldNames(logSource: string): Set<string> {
  const body = /interface LogFields \{([\s\S]*?)\n\}/.exec(logSource)?.[1] ?? ''
  return new Set([...body.matchAll(/readonly (\w+)\??:/g)].map((match) => match[1] ?? ''))
}

/** Log lines with a field that is not on the list, or with a message that is not one constant text. */
export function findLogFaults(files: readonly TreeFile[], names: ReadonlySet<string>): string[] {
  return files.filter(isProduct).flatMap((file) =>
    [...file.text.matchAll(call)].flatMap((match) => {
      const place = `${file.path}:${lineAt(file.text, match.index)}`
      const [, fields = '', message = ''] = match
      const faults = fieldsOf(fields)
        .filter((name) => !names.has(name))
        .map((name) => `${place}: the field ${name} is not in LogFields`)
      // A health item's title is a constant of the room that declares it.
      if (!/^('[^A-Z'][^']*'|(\w+\.)?title),?\s*$/.test(message)) {
        faults.push(`${place}: the message is not one constant text in lower case`)
      }
      return faults
    }),
  )
}

function fieldsOf(literal: string): string[] {
  if (!literal.startsWith('{')) return []
  return literal
    .slice(1, -1)
    .split(',')
    .map((field) => /^\s*(\w+)/.exec(field)?.[1])
    .filter((name) => name !== undefined)
}
