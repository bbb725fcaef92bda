import { compactTable } from './compact-table.ts'
import { SavedTableFile } from './saved-table-file.ts'

type Step =
  | { readonly kind: 'begin'; readonly typeUrl: string }
  | { readonly kind: 'frame'; readonly frame: Buffer; readonly entries: number }
  | { readonly kind: 'complete' }

/** Entries that may lie in the file beyond twice those that count. */
const slackEntries = 10_000

/** What waits to be written, and the files that it goes to. */
export class TableWriter {
  readonly #file: string
  #steps: Step[] = []
  #waitingOctets = 0
  /** In the file's place. */
  #current: SavedTableFile | undefined
  /** Begun, and not whole yet. */
  #coming: SavedTableFile | undefined
  #typeUrl = ''
  #entries = 0
  #comingEntries = 0
  #live = Number.POSITIVE_INFINITY
  #confirmedMs: number | undefined

  constructor(file: string) {
    this.#file = file
  }

  get octets(): number {
    return this.#current?.octets ?? 0
  }

  get waitingOctets(): number {
    return this.#waitingOctets
  }

  /** Goes on with a file that was there. */
  goOn(loaded: {
    readonly table: SavedTableFile
    readonly typeUrl: string
    readonly entries: number
  }): void {
    this.#current = loaded.table
    this.#typeUrl = loaded.typeUrl
    this.#entries = loaded.entries
  }

  /** What waits for a table before this one is not written any more. */
  begin(typeUrl: string): void {
    this.#steps = [{ kind: 'begin', typeUrl }]
    this.#waitingOctets = 0
  }

  append(frame: Buffer, entries: number): void {
    this.#steps.push({ kind: 'frame', frame, entries })
    this.#waitingOctets += frame.length
  }

  complete(): void {
    this.#steps.push({ kind: 'complete' })
  }

  /** Only the time when the table was good is lost with it, and what is missing will be sent again. */
  forgetWaiting(): void {
    this.#steps = this.#steps.filter(({ kind }) => kind !== 'frame')
    this.#waitingOctets = 0
  }

  confirm(live: number, wallMs: number): void {
    this.#live = live
    this.#confirmedMs = wallMs
  }

  /** Writes all that waits; what failed waits on. Not to be called twice at a time. */
  async write(): Promise<void> {
    for (let step = this.#steps[0]; step; step = this.#steps[0]) {
      await this.#take(step)
      // What was begun meanwhile has thrown it away already.
      if (this.#steps[0] === step) this.#steps.shift()
    }
    await this.#coming?.sync()
    await this.#current?.sync()
    if (!this.#coming && this.#entries > 2 * this.#live + slackEntries) await this.#compact()
    if (this.#confirmedMs !== undefined) await this.#current?.touch(this.#confirmedMs)
    this.#confirmedMs = undefined
  }

  async close(): Promise<void> {
    await this.#coming?.close()
    await this.#current?.close()
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'begin':
        await this.#coming?.close()
        this.#coming = undefined
        this.#coming = await SavedTableFile.create(this.#file, step.typeUrl)
        this.#typeUrl = step.typeUrl
        this.#comingEntries = 0
        return
      case 'frame':
        await (this.#coming ?? this.#current)?.append(step.frame)
        if (this.#steps[0] === step) this.#waitingOctets -= step.frame.length
        if (this.#coming) this.#comingEntries += step.entries
        else this.#entries += step.entries
        return
      case 'complete':
        if (this.#coming) await this.#replace(this.#coming, this.#comingEntries)
        this.#coming = undefined
    }
  }

  /** Most of the file no longer counts: writes one with what does. */
  async #compact(): Promise<void> {
    if (!this.#current) return
    const compacted = await SavedTableFile.create(this.#file, this.#typeUrl)
    try {
      await this.#replace(compacted, await compactTable(this.#current, compacted))
    } catch (error) {
      await compacted.close()
      throw error
    }
  }

  async #replace(by: SavedTableFile, entries: number): Promise<void> {
    await by.moveTo(this.#file)
    await this.#current?.close()
    this.#current = by
    this.#entries = entries
  }
}
