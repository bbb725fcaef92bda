import { valueAt } from '../config/layer.ts'
import type { AgentWord } from './agent-words.ts'
import type { GivenOption } from './given-options.ts'
import { formatTable } from './table.ts'

const head = ['OPTION', 'VALUE', 'FROM', 'BEATS']

/** Every option of a command, with where it was given and what it beat; for people. */
export function formatOptions(
  options: unknown,
  {
    words,
    given,
  }: { readonly words: readonly AgentWord[]; readonly given: readonly GivenOption[] },
  color: boolean,
): string {
  const rows = words.map(({ path }) => {
    const name = path.join('.')
    const [winner, ...beaten] = given.filter((one) => one.path.join('.') === name).toReversed()
    const value = JSON.stringify(valueAt(options, path)) ?? '-'
    const beats = beaten.map((one) => `${JSON.stringify(one.value)} of ${one.from()}`)
    return [name, value, winner?.from() ?? 'default', beats.join(', ') || '-']
  })
  return formatTable({ head, rows, empty: 'No options.' }, color)
}
