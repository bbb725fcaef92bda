import type { Clock } from '../../base/clock.ts'
import type { RegisteredEntry } from '../../translate/registration/registered-entry.ts'
import type { EntryReference } from '../../translate/registration/workload-entry-store.ts'

export interface KeptEntryPorts {
  readonly clock: Clock
  /**
   * Keeps the entry, or removes it as it was `saved` last; whether that succeeded. Never called twice at a time for one
   * entry.
   */
  save(entry: RegisteredEntry | undefined, saved: RegisteredEntry | undefined): Promise<boolean>
}

/** How long to wait after a failure before saving again. */
const retryMs = 10_000

/** One entry as it shall be, and as it was saved last; the newest state always wins. */
export class KeptEntry {
  readonly reference: EntryReference
  /** Streams of the machine. */
  readonly connections = new Set<string>()
  readonly #ports: KeptEntryPorts
  #entry: RegisteredEntry | undefined
  #saved: RegisteredEntry | undefined
  #saving: Promise<void> | undefined
  #leftAt: number
  #cancelDrop = () => {}
  #cancelRetry = () => {}

  /** `saved`: as it is known to be kept; none yet when missing. */
  constructor(
    reference: EntryReference,
    saved: RegisteredEntry | undefined,
    ports: KeptEntryPorts,
  ) {
    this.reference = reference
    this.#ports = ports
    this.#entry = saved
    this.#saved = saved
    this.#leftAt = ports.clock.now()
  }

  /** `undefined` when it is to be removed. */
  get entry(): RegisteredEntry | undefined {
    return this.#entry
  }

  /** For how long its machine has been away; 0 while it is here. */
  get awayMs(): number {
    return this.connections.size > 0 ? 0 : this.#ports.clock.now() - this.#leftAt
  }

  set(entry: RegisteredEntry | undefined): void {
    this.#entry = entry
    this.#save()
  }

  arrive(connection: string): void {
    this.connections.add(connection)
    this.#cancelDrop()
  }

  /** Whether that was its last connection. */
  leave(connection: string): boolean {
    if (!this.connections.delete(connection) || this.connections.size > 0) return false
    this.#leftAt = this.#ports.clock.now()
    return true
  }

  /** Calls back after a time, unless the machine arrives before. */
  unlessBackIn(delayMs: number, callback: () => void): void {
    this.#cancelDrop()
    this.#cancelDrop = this.#ports.clock.after(delayMs, callback)
  }

  /** Somebody else looks after it: it is neither saved nor removed any more, unless it is set again. */
  letGo(): void {
    this.#cancelDrop()
    this.#cancelRetry()
    this.#saved = this.#entry
  }

  /** Resolves when nothing is being saved: all is, or it failed. */
  async settled(): Promise<void> {
    await this.#saving
  }

  /** Saves what could not be saved before, a last time. */
  async stop(): Promise<void> {
    this.#cancelDrop()
    await this.#saving
    if (this.#saved !== this.#entry) this.#save()
    await this.#saving
    this.#cancelRetry()
  }

  #save(): void {
    this.#cancelRetry()
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined
    })
  }

  async #saveAll(): Promise<void> {
    while (this.#saved !== this.#entry) {
      const entry = this.#entry
      if (!(await this.#ports.save(entry, this.#saved))) {
        this.#cancelRetry = this.#ports.clock.after(retryMs, () => this.#save())
        return
      }
      this.#saved = entry
    }
  }
}
