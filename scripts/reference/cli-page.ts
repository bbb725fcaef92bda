import type { Command, OperandSpec, OptionSpec } from '../../src/cli/command.ts'
import { commandList } from '../../src/cli/command-list.ts'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import { formatOperand } from '../../src/cli/program.ts'
import { docCommentsOf } from './doc-comments.ts'
import { code, page, table } from './markdown.ts'

/** Every command with its operands, options and examples, and the exit codes. */
export async function cliPage(): Promise<string> {
  const sections: string[] = []
  for (const entry of commandList) {
    sections.push(...commandSection(entry.name, await entry.load()))
  }
  const summaries = commandList.map(({ name, summary }) => [
    `[${name}](#meshdns-${name.replaceAll(' ', '-')})`,
    summary,
  ])
  return page('Command line', [
    '`meshdns COMMAND --help` prints the same.',
    table(['command', 'what it does'], summaries),
    ...sections,
    '## Exit codes',
    exitCodeTable(),
  ])
}

function commandSection(name: string, command: Command): string[] {
  const usage = ['meshdns', name, ...command.operands.map(formatOperand), '[options]'].join(' ')
  const parts = [`## meshdns ${name}`, '```text\n' + usage + '\n```', command.description]
  if (command.operands.length > 0) parts.push(operandTable(command.operands))
  if (command.options.length > 0) parts.push(optionTable(command.options))
  if (command.examples.length > 0) {
    const lines = command.examples.map((example) => `# ${example.says}\n${example.command}`)
    parts.push('```sh\n' + lines.join('\n') + '\n```')
  }
  if (command.fields) {
    const rows = command.fields.map(({ path, says }) => [code(path), says])
    parts.push(table(['field of `-o json` and `-o yaml`', 'meaning'], rows))
  }
  return parts
}

function operandTable(operands: readonly OperandSpec[]): string {
  return table(
    ['operand', 'meaning'],
    operands.map((operand) => [code(formatOperand(operand)), operand.summary]),
  )
}

function optionTable(options: readonly OptionSpec[]): string {
  const rows = options.map((option) => {
    const notes = [option.summary.replace(/\.$/, '')]
    if (option.choices) notes.push(`one of ${option.choices.map(code).join(', ')}`)
    if (option.repeatable) notes.push('may be given several times')
    return [code(option.flags), notes.join('; '), option.fallback ?? '', option.env ?? '']
  })
  return table(['option', 'meaning', 'default', 'environment'], rows)
}

function exitCodeTable(): string {
  const meanings = docCommentsOf('src/cli/exit-codes.ts')
  const rows = Object.entries(exitCodes).map(([name, value]) => [
    String(value),
    meanings.get(name) ?? '',
  ])
  return table(['code', 'meaning'], rows)
}
