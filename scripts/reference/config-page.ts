import type { z } from 'zod'
import { AgentOptions } from '../../src/agent/options.ts'
import { ControllerOptions } from '../../src/controller/options.ts'
import { code, page, table } from './markdown.ts'
import { type OptionRow, optionRows } from './option-rows.ts'

/** Every option of a file that a daemon reads, a section for each part of it. */
export function configPage(): string {
  return page('Configuration', [
    'The files that `meshdns agent --config FILE` and `meshdns controller --config FILE` read are YAML. Dots stand for one object inside another: `resolver.ttlSeconds` is `ttlSeconds` below `resolver`. Each option is also a flag and a [variable](environment.md); flags go over variables, variables over the file. An unknown option is refused.',
    ...sectionsOf('The agent', AgentOptions),
    ...sectionsOf('The controller', ControllerOptions),
  ])
}

function sectionsOf(title: string, options: z.ZodType): string[] {
  const rows = optionRows(options)
  const own = rows.filter(({ path }) => path.length === 1)
  const parts = new Set(rows.filter(({ path }) => path.length > 1).map(({ path }) => path[0] ?? ''))
  return [
    `## ${title}`,
    optionTable(own),
    ...[...parts].flatMap((part) => [
      `### ${title}: ${part}`,
      optionTable(rows.filter(({ path }) => path.length > 1 && path[0] === part)),
    ]),
  ]
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
