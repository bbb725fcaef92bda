import type { Invocation, OptionSpec } from './command.ts'

/** One result in two dresses: text for people, a value for programs. */
export interface Output {
  /** Ends in a line feed. */
  forPeople(color: boolean): string
  /** Plain data; the command's `fields` say what it holds. */
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
    io.stdout.write(output.forPeople(io.color))
  }
}
