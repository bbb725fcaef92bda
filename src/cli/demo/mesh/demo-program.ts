import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Far beyond what anything of the demo takes. */
const patienceMs = 60_000

/** A program that runs beside the demo; what it says is kept. */
export class DemoProgram {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #text = ''
  #waiting: (() => void)[] = []

  constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'exit')
    child.on('exit', () => this.#tell())
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#text += text
        this.#tell()
      })
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What it said, from the start. */
  get text(): string {
    return this.#text
  }

  /** Waits until it said so, at or after a place in its text; what it said until then. */
  async said(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs)
    try {
      for (;;) {
        const match = pattern.exec(this.#text.slice(from))
        if (match) return match
        if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
          throw new Error(`a program of the demo never said ${pattern}: ${this.#text}`)
        }
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Waits until it is no more. */
  async ended(): Promise<void> {
    await this.#ended
  }

  #tell(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
