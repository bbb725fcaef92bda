import type { CommandIo } from './command-io.ts'
import type { ExitCode } from './exit-codes.ts'
import type { OptionValues } from './option-values.ts'

/** An option as people write it; help, parsing and the reference page come from this. */
export interface OptionSpec {
  /** Such as `-f, --file <path>`; without `<…>` it is a switch. */
  readonly flags: string
  readonly summary: string
  /** May be given several times. */
  readonly repeatable?: true
  readonly choices?: readonly string[]
  /** Environment variable that stands in when the option is not given. */
  readonly env?: string
  /** What happens without it. Switches have none. */
  readonly fallback?: string
}

/** An operand; the name in help is upper case. */
export interface OperandSpec {
  readonly name: string
  readonly summary: string
  readonly optional?: true
  /** Takes all that is left, options of another program included. */
  readonly rest?: true
}

export interface Example {
  readonly command: string
  readonly says: string
}

/** A part of what a command prints for programs. */
export interface OutputField {
  /** Keys from the top; `[]` is every item of a list, `*` every key. */
  readonly path: string
  readonly says: string
}

/** A command's words, and what it does with them. */
export interface Command {
  /** More than the summary, as paragraphs; for help and the reference page. */
  readonly description: string
  readonly operands: readonly OperandSpec[]
  readonly options: readonly OptionSpec[]
  readonly examples: readonly Example[]
  /** What `-o json` and `-o yaml` print; a test compares. */
  readonly fields?: readonly OutputField[]
  /** @throws {CodedError} when it cannot do what was asked; the caller prints it. */
  run(invocation: Invocation): Promise<ExitCode>
}

/** One call of a command. */
export interface Invocation {
  readonly operands: readonly string[]
  readonly options: OptionValues
  readonly io: CommandIo
}
