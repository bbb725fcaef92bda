import type { Invocation, OptionSpec } from './command.ts'
import { formatTable, type Table } from './table.ts'

/** One result in two dresses: rows for people, a value for programs. */
export interface Output {
  readonly table: Table
  readonly value: unknown
}

export const outputOption: OptionSpec = {
  flags: '-o, --output <form>',
  summary: 'form of the result',
  choices: ['table', 'json', 'yaml'],
  fallback: 'table',
}

/** Prints the result in the form that the user asked for. */
export async function print(invocation: Invocation, output: Output): Promise<void> {
  const { io, options } = invocation
  const form = options.text('output')
  if (form === 'json') {
    io.stdout.write(`${JSON.stringify(output.value, null, 2)}\n`)
  } else if (form === 'yaml') {
    const { stringify } = await import('yaml')
    io.stdout.write(stringify(output.value, { aliasDuplicateObjects: false }))
  } else {
    io.stdout.write(formatTable(output.table, io.color))
  }
}

/** Whether people read it, so that words around the table are welcome. */
export function isForPeople({ options }: Invocation): boolean {
  return (options.text('output') ?? 'table') === 'table'
}
