import type { Random } from '../../base/random.ts'
import type { IpAddress } from '../../ip/address.ts'
import { EntryWriter, type EntryWriterPorts, type Standing } from './entry-writer.ts'
import { Pacer } from './pacer.ts'
import { addressesOf } from './standing-ledger.ts'
import { WriteQueue } from './write-queue.ts'

export interface EntryBatchPorts extends EntryWriterPorts {
  readonly random: Random
  /** Whether we still lead; asked before each write. */
  readonly mayWrite: () => boolean
}

/** Entries that are written before changes are looked at again, and how many at a time. */
const batchSize = 256
const parallel = 8

/** Brings entries in line, some at a time and no faster than they may be written. */
export class EntryBatches {
  readonly #ports: EntryBatchPorts
  readonly #queue: WriteQueue
  readonly #writer: EntryWriter
  readonly #pacer: Pacer

  constructor(writesPerSecond: number, ports: EntryBatchPorts) {
    this.#ports = ports
    this.#queue = new WriteQueue(ports.random)
    this.#writer = new EntryWriter(ports)
    this.#pacer = new Pacer(writesPerSecond, ports.clock)
  }

  /** Has an entry looked at. */
  add(key: string): void {
    this.#queue.add(key)
  }

  /** When there is something to do again; never, when nobody says so. */
  nextAt(): number {
    return this.#queue.nextAt() ?? Infinity
  }

  /** Those that stand in entries that are still to be looked at. */
  *addresses(): Generator<IpAddress> {
    for (const key of this.#queue.keys()) {
      const pairs = this.#ports.table.get(key)?.status.pairs ?? new Map()
      for (const pair of pairs.values()) yield* addressesOf(pair)
    }
  }

  /**
   * Writes the first entries that are due; one that `hasNews` waits.
   * @throws {ApiFailure} when the server does not serve us at all; what is left is due again.
   */
  async write(
    standing: Standing,
    hasNews: (key: string) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const due = this.#queue.take(this.#ports.clock.now(), batchSize)
    try {
      const behind = new Set(this.#writer.behind(due, standing))
      for (const key of due) if (!behind.has(key)) this.#queue.done(key)
      await this.#writeAll(behind, standing, hasNews, signal)
    } finally {
      this.#queue.putBack()
    }
  }

  async #writeAll(
    keys: ReadonlySet<string>,
    standing: Standing,
    hasNews: (key: string) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, mayWrite } = this.#ports
    const left = keys.values()
    const trouble = new AbortController()
    const work = async () => {
      for (const key of left) {
        await this.#pacer.turn(signal)
        if (signal.aborted || trouble.signal.aborted || !mayWrite()) return
        if (hasNews(key)) continue
        try {
          if (await this.#writer.write(key, standing)) this.#queue.done(key)
          else this.#queue.failed(key, clock.now())
        } catch (error) {
          trouble.abort()
          throw error
        }
      }
    }
    const outcomes = await Promise.allSettled(Array.from({ length: parallel }, work))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  /** Others see to it. */
  forget(): void {
    for (const key of this.#queue.keys()) this.#writer.forget(key)
    this.#queue.clear()
  }
}
