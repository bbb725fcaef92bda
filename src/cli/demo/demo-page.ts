import { styleText } from 'node:util'
import { type ExitCode, exitCodes } from '../exit-codes.ts'

/** What a command of a demo is to show. */
export interface Expectation {
  /** What it shows, in one line; printed after the output. */
  readonly says: string
  /** What must be in the output. */
  readonly want: readonly RegExp[]
}

/** What a demo prints: chapters, commands with their output, and whether that is as it should be. */
export class DemoPage {
  readonly #color: boolean
  #chapters = 0
  #failures = 0
  #midLine = false

  constructor(color: boolean) {
    this.#color = color
  }

  chapter(title: string): void {
    this.#chapters += 1
    this.text(`\n${this.#paint('bold', `${this.#chapters}. ${title}`)}\n`)
  }

  command(line: string, prompt = '$'): void {
    this.text(`\n${this.#paint('bold', `${prompt} ${line}`)}\n`)
  }

  text(text: string): void {
    process.stdout.write(text)
    if (text !== '') this.#midLine = !text.endsWith('\n')
  }

  /** Says what the output shows, or what it lacks. */
  judge(output: string, { says, want }: Expectation): void {
    const missing = want.filter((pattern) => !pattern.test(output))
    if (missing.length === 0) return this.verdict(true, says)
    this.verdict(false, `expected: ${missing.map(String).join(' and ')}`)
  }

  verdict(isAsItShould: boolean, text: string): void {
    if (this.#midLine) this.text('\n')
    if (!isAsItShould) this.#failures += 1
    const word = isAsItShould ? this.#paint('green', '=>') : this.#paint('red', 'FAILED,')
    this.text(`${word} ${text}\n`)
  }

  /** The last line, and the exit code. */
  end(farewell: string): ExitCode {
    const failed = `${this.#failures} of the demo's expectations failed.`
    this.text(`\n${this.#failures === 0 ? farewell : this.#paint('red', failed)}\n`)
    return this.#failures === 0 ? exitCodes.done : exitCodes.failed
  }

  #paint(style: 'bold' | 'green' | 'red', text: string): string {
    return this.#color ? styleText(style, text, { validateStream: false }) : text
  }
}
