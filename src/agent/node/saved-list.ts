import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Log } from '../../base/log.ts'
import { OneAtATime } from '../../base/one-at-a-time.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { writeAtomically } from '../../base/write-atomically.ts'

/** A list in a file of ours, for the next agent, which need not ask first. */
export class SavedList<T> implements Running {
  readonly #file: string
  readonly #schema: z.ZodType<{ readonly version: 1; readonly items: readonly T[] }>
  readonly #log: Log
  readonly #writing = new OneAtATime(() => this.#write())
  #items: () => readonly T[] = () => []

  constructor(file: string, item: z.ZodType<T>, log: Log) {
    this.#file = file
    this.#schema = z.strictObject({ version: z.literal(1), items: z.array(item) })
    this.#log = log
  }

  /** `undefined` when there is no file, or none that can be used. */
  async load(): Promise<readonly T[] | undefined> {
    try {
      return this.#schema.parse(JSON.parse(await readFile(this.#file, 'utf8'))).items
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (code !== 'ENOENT') {
        this.#log.warn({ file: this.#file, reason: reasonOf(error) }, 'a saved list is no use')
      }
      return undefined
    }
  }

  /** Saves what `items` says when there is time. */
  save(items: () => readonly T[]): void {
    this.#items = items
    void this.#writing.run()
  }

  async stop(): Promise<void> {
    await this.#writing.idle()
  }

  async #write(): Promise<void> {
    try {
      const text = JSON.stringify({ version: 1, items: this.#items() })
      await writeAtomically(this.#file, text, { hasty: true })
    } catch (error) {
      this.#log.warn({ file: this.#file, reason: reasonOf(error) }, 'a list is not saved')
    }
  }
}
