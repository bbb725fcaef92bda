import type { Readable } from 'node:stream'

/** Far beyond what anything takes, so that a hang becomes a failure: hooks of `node:test` have no limit of their own. */
const patienceMs = 600_000

/** Everything that a stream says, by lines, for tests that wait for one. */
export class LineLog {
  readonly #waiting = new Set<() => void>()
  #ended = false
  text = ''

  constructor(stream: Readable) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      this.text += chunk
      for (const check of this.#waiting) check()
    })
    stream.on('close', () => {
      this.#ended = true
      for (const check of this.#waiting) check()
    })
  }

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1)
  }

  /** Forgets what was said so far. */
  clear(): void {
    this.text = ''
  }

  /** The first line that matches, or the nth, as soon as there is one; rejects when the stream ends without, or never has it. */
  line(pattern: RegExp, nth = 1): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    let isOver = false
    const check = () => {
      const found = this.lines.filter((line) => pattern.test(line))[nth - 1]
      if (found !== undefined) resolve(found)
      else if (this.#ended || isOver) reject(new Error(`never said ${pattern}, but:\n${this.text}`))
      else return
      this.#waiting.delete(check)
      clearTimeout(limit)
    }
    const limit = setTimeout(() => {
      isOver = true
      check()
    }, patienceMs)
    // Who does not wait for the line any more is not held up.
    limit.unref()
    this.#waiting.add(check)
    check()
    return promise
  }
}
