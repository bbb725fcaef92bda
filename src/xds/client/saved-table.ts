import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import { OneAtATime } from '../../base/one-at-a-time.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { setAside } from '../../base/set-aside.ts'
import { type DeltaResponse, entriesOf } from './decode-response.ts'
import { savedTableDamaged, savedTableUnsaved } from './health.ts'
import { loadTable, type TakeResponse } from './load-table.ts'
import { savedTableOctets } from './meters.ts'
import { encodeFrame } from './table-frames.ts'
import { TableWriter } from './table-writer.ts'

export interface SavedTableOptions {
  readonly stateFolder: string
  readonly saveEveryMs: number
}

export interface SavedTablePorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
}

/** A table that was there at the start. */
export interface LoadedTable {
  readonly typeUrl: string
  /** When it was known to be what the controller has, in milliseconds since 1970. */
  readonly goodAtMs: number
}

const retryMs = 10_000
/** What waits for the disk: beyond the first it is written at once, beyond the second not at all. */
const hurryOctets = 4 * 1024 * 1024
const maxWaitingOctets = 64 * 1024 * 1024

/** The file in a state folder that holds what a controller sent. */
export function savedTableFile(stateFolder: string): string {
  return join(stateFolder, 'controller-table')
}

/**
 * The last table that a controller sent, kept across restarts.
 *
 * Trouble with the file is told to health and log and stops nobody.
 */
export class SavedTable implements Running {
  readonly #file: string
  readonly #saveEveryMs: number
  readonly #ports: SavedTablePorts
  readonly #writer: TableWriter
  readonly #writing = new OneAtATime(() => this.#write())
  #cancelWrite: (() => void) | undefined
  #stopped = false

  constructor({ stateFolder, saveEveryMs }: SavedTableOptions, ports: SavedTablePorts) {
    this.#file = savedTableFile(stateFolder)
    this.#saveEveryMs = saveEveryMs
    this.#ports = ports
    this.#writer = new TableWriter(this.#file)
    ports.meters.reading(savedTableOctets, () => this.#writer.octets)
  }

  /** Nothing when there is no table, or none that can be used: that one is set aside. */
  async load(take: TakeResponse): Promise<LoadedTable | undefined> {
    const load = await loadTable(this.#file, take)
    if (load.kind === 'missing') return undefined
    if (load.kind === 'loaded') {
      this.#writer.goOn(load)
      return load
    }
    await this.#setAside(load.kind, load.reason)
    return undefined
  }

  /** A table of that type begins, and takes the place of the one before when it is whole. */
  begin(typeUrl: string): void {
    this.#writer.begin(typeUrl)
  }

  /** Adds to what was begun last. */
  append(response: DeltaResponse): void {
    const entries = entriesOf(response)
    if (entries === 0) return
    this.#writer.append(encodeFrame(response.octets), entries)
    this.#writeLater()
  }

  /** What was begun last is whole, and is written at once or with what comes soon. */
  complete(when: 'now' | 'soon'): void {
    this.#writer.complete()
    if (when === 'now') this.#writeIn(0)
    else this.#writeLater()
  }

  /** What is saved is what the controller has now; `live` is how many resources that are. */
  confirm(live: number): void {
    this.#writer.confirm(live, this.#ports.clock.wall())
    this.#writeLater()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#writing.run()
    this.#cancelWrite?.()
    await this.#writer.close()
  }

  #writeLater(): void {
    if (this.#stopped) return
    if (this.#writer.waitingOctets > maxWaitingOctets) this.#writer.forgetWaiting()
    if (this.#writer.waitingOctets > hurryOctets) this.#writeIn(0)
    else this.#cancelWrite ??= this.#schedule(this.#saveEveryMs)
  }

  #writeIn(delayMs: number): void {
    this.#cancelWrite?.()
    this.#cancelWrite = this.#schedule(delayMs)
  }

  #schedule(delayMs: number): () => void {
    return this.#ports.clock.after(delayMs, () => void this.#writing.run())
  }

  async #write(): Promise<void> {
    const { log, health } = this.#ports
    this.#cancelWrite?.()
    this.#cancelWrite = undefined
    try {
      await this.#writer.write()
      health.clear(savedTableUnsaved)
    } catch (error) {
      log.error({ file: this.#file, error }, 'the table could not be saved')
      health.set(savedTableUnsaved, `${this.#file}: ${reasonOf(error)}`)
      if (!this.#stopped) this.#writeIn(retryMs)
    }
  }

  async #setAside(suffix: string, reason: string): Promise<void> {
    const { clock, log, health } = this.#ports
    const moved = await setAside(this.#file, suffix, clock)
    log.error({ file: this.#file, path: moved, reason }, 'the saved table cannot be read')
    health.set(savedTableDamaged, `${this.#file}: ${reason}; set aside: ${moved}`)
  }
}
