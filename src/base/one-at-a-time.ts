/** Runs a task whenever it is asked to, but never twice at a time. */
export class OneAtATime {
  readonly #task: () => Promise<void>
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(task: () => Promise<void>) {
    this.#task = task
  }

  /** Resolves when a run that began after this call has ended; all who ask during one run share the next. */
  run(): Promise<void> {
    this.#next ??= this.#runAfter(this.#running)
    return this.#next
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.#running || this.#next) await (this.#next ?? this.#running)?.catch(() => {})
  }

  async #runAfter(previous: Promise<void> | undefined): Promise<void> {
    await previous?.catch(() => {})
    this.#running = this.#next
    this.#next = undefined
    try {
      await this.#task()
    } finally {
      if (!this.#next) this.#running = undefined
    }
  }
}
