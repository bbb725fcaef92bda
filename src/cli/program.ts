import { Command as Commander, CommanderError, Option as CommanderOption } from 'commander'
import { systemClock } from '../base/clock.ts'
import { endWithReader, ignoreBrokenPipe } from './broken-pipe.ts'
import type { Command, OperandSpec, OptionSpec } from './command.ts'
import { type CommandIo, wantsColor } from './command-io.ts'
import {
  type CommandEntry,
  commandGroups,
  commandList,
  findCommand,
  isNamed,
} from './command-list.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { formatFields, helpFormat } from './help.ts'
import { OptionValues } from './option-values.ts'
import { formatError, reportOf } from './print-error.ts'
import { usageErrorOf } from './usage-error.ts'
import { version } from './version.ts'

/** Runs the process's command line and leaves its exit code. */
export async function main(): Promise<void> {
  const { stdin, stdout, stderr, env } = process
  const words = process.argv.slice(2)
  if (entryOf(words)?.outlivesReader) ignoreBrokenPipe()
  else endWithReader()
  const color = wantsColor(stdout, env)
  process.exitCode = await runProgram(words, {
    stdin,
    stdout,
    stderr,
    env,
    clock: systemClock,
    color,
  })
}

/** Runs one command line to its end. Never throws: what goes wrong is printed. */
export async function runProgram(words: readonly string[], io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done
  const program = createProgram(io)
  const called = entryOf(words)
  for (const entry of commandList) {
    const words = addCommand(program, entry)
    if (entry !== called) continue
    const command = await entry.load()
    describe(words, command)
    words.action(async () => {
      const options = new OptionValues(words.opts(), (key) => words.getOptionValueSource(key))
      exitCode = await command.run({ operands: words.args, options, io })
    })
  }
  try {
    await program.parseAsync(withoutHelpWord(words), { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.done
      if (error.code === 'commander.help') return exitCodes.usage
      io.stderr.write(formatError(reportOf(usageErrorOf(error, subjectOf(words)))))
      return exitCodes.usage
    }
    const report = reportOf(error)
    io.stderr.write(
      isJsonWanted(words) ? `${JSON.stringify({ error: report })}\n` : formatError(report),
    )
    return isUsage(report.code) ? exitCodes.usage : exitCodes.failed
  }
}

function createProgram(io: CommandIo): Commander {
  return new Commander('meshdns')
    .description('Answers the names of your mesh on this machine, and carries the connections.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => {},
      getOutHasColors: () => io.color,
    })
    .configureHelp(helpFormat)
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
}

function addCommand(program: Commander, { name, summary }: CommandEntry): Commander {
  const [own = '', ...before] = name.split(' ').toReversed()
  let parent = program
  let group = ''
  for (const word of before.toReversed()) {
    group = `${group} ${word}`.trimStart()
    const known = parent.commands.find((one) => one.name() === word)
    parent = known ?? addWord(parent, word, commandGroups.get(group) ?? '')
  }
  return addWord(parent, own, summary)
}

function addWord(parent: Commander, word: string, summary: string): Commander {
  return parent
    .command(word)
    .summary(summary)
    .description(summary)
    .exitOverride()
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
}

/** Gives a command its words. */
function describe(words: Commander, command: Command): void {
  words.description(command.description)
  for (const operand of command.operands) {
    words.argument(formatOperand(operand), operand.summary)
    if (operand.rest) words.passThroughOptions()
  }
  for (const option of command.options) words.addOption(commanderOption(option))
  const examples = command.examples.map(({ command: line, says }) => `  # ${says}\n  $ ${line}`)
  words.addHelpText('after', `\nExamples:\n${examples.join('\n')}`)
  if (command.fields)
    words.addHelpText('after', `\nFields of -o json and -o yaml:\n${formatFields(command.fields)}`)
}

export function formatOperand({ name, optional, rest }: OperandSpec): string {
  const word = rest ? `${name}...` : name
  return optional ? `[${word}]` : `<${word}>`
}

function commanderOption(spec: OptionSpec): CommanderOption {
  const option = new CommanderOption(spec.flags, spec.summary)
  if (spec.choices) option.choices(spec.choices)
  if (spec.env !== undefined) option.env(spec.env)
  if (spec.fallback !== undefined) option.default(spec.fallback)
  if (spec.repeatable) {
    option.argParser((value: string, before: readonly string[] | undefined) => [
      ...(Array.isArray(before) ? before : []),
      value,
    ])
  }
  return option
}

/** The command that is called, or asked about. */
function entryOf(words: readonly string[]): CommandEntry | undefined {
  return findCommand(commandWords(words))
}

/** The words that are no options, without `help` before them. */
function commandWords(words: readonly string[]): readonly string[] {
  const plain = words.filter((word) => !word.startsWith('-'))
  return plain[0] === 'help' ? plain.slice(1) : plain
}

/** `help X` is `X --help`; of a command that does not exist, calling it says so. */
function withoutHelpWord(words: readonly string[]): readonly string[] {
  if (words[0] !== 'help' || words.length === 1) return words
  const asked = commandWords(words)
  return isNamed(asked) ? [...asked, '--help'] : asked
}

/** The command or group that a fault is about. */
function subjectOf(words: readonly string[]): string {
  const plain = commandWords(words)
  const named = plain.map((_, at) => plain.slice(0, plain.length - at)).find(isNamed)
  return ['meshdns', ...(named ?? [])].join(' ')
}

/** Whether the words of the command line were at fault: what they name, or how it is spelt. */
function isUsage(code: string): boolean {
  return code === 'CLI_USAGE' || code.endsWith('_SYNTAX')
}

function isJsonWanted(words: readonly string[]): boolean {
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words
  return own.some(
    (word, at) =>
      ['-ojson', '--output=json'].includes(word) ||
      (['-o', '--output'].includes(word) && own[at + 1] === 'json'),
  )
}
