import type { OptionFact } from '../agent/options-page.ts'
import { valueAt } from '../config/layer.ts'
import type { AgentWord } from './agent-words.ts'
import type { GivenOption } from './given-options.ts'
import { formatTable } from './table.ts'

const head = ['OPTION', 'VALUE', 'FROM', 'BEATS']

export interface OptionRead {
  readonly words: readonly AgentWord[]
  readonly given: readonly GivenOption[]
}

/** Every option of a command, with where it was given and what it beat. */
export function optionFacts(options: unknown, { words, given }: OptionRead): readonly OptionFact[] {
  return words.map(({ path }) => {
    const option = path.join('.')
    const [winner, ...beaten] = given.filter((one) => one.path.join('.') === option).toReversed()
    return {
      option,
      value: valueAt(options, path),
      from: winner?.from() ?? 'default',
      beat: beaten.map((one) => ({ value: one.value, from: one.from() })),
    }
  })
}

/** The same for people. */
export function formatOptions(facts: readonly OptionFact[], color: boolean): string {
  const rows = facts.map(({ option, value, from, beat }) => {
    const beats = beat.map((one) => `${JSON.stringify(one.value)} of ${one.from}`)
    return [option, JSON.stringify(value) ?? '-', from, beats.join(', ') || '-']
  })
  return formatTable({ head, rows, empty: 'No options.' }, color)
}
