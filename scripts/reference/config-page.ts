import { AgentOptions } from '../../src/agent/options.ts'
import { code, page, table } from './markdown.ts'
import { type OptionRow, optionRows } from './option-rows.ts'

/** Every option of the agent's file, a section for each part of the agent. */
export function configPage(): string {
  const rows = optionRows(AgentOptions)
  const own = rows.filter(({ path }) => path.length === 1)
  const parts = new Set(rows.filter(({ path }) => path.length > 1).map(({ path }) => path[0] ?? ''))
  const sections = [...parts].flatMap((part) => [
    `## ${part}`,
    optionTable(rows.filter(({ path }) => path.length > 1 && path[0] === part)),
  ])
  return page('Configuration', [
    'The file that `meshdns agent --config FILE` reads is YAML. Dots stand for one object inside another: `resolver.ttlSeconds` is `ttlSeconds` below `resolver`. Each option is also a flag and a [variable](environment.md); flags go over variables, variables over the file. An unknown option is refused.',
    '## The agent',
    optionTable(own),
    ...sections,
  ])
}

function optionTable(rows: readonly OptionRow[]): string {
  return table(
    ['option', 'default', 'values', 'meaning'],
    rows.map(({ path, fallback, values, description }) => [
      code(path.join('.')),
      fallback === '' ? '' : code(fallback),
      values,
      description,
    ]),
  )
}
