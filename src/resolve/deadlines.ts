/** Something that must have happened by a time of the clock. */
export interface Waiting {
  readonly deadlineMs: number
  /** How long it waits in all; few values are in use at one time. */
  readonly timeoutMs: number
}

/** Those that wait, by deadline. Adding, dropping and finding the first cost the same however many there are. */
export class Deadlines<W extends Waiting> {
  /** Those of one time-out stand in the order of their deadlines, since time goes forward. */
  readonly #byTimeout = new Map<number, Set<W>>()

  add(waiting: W): void {
    const queue = this.#byTimeout.get(waiting.timeoutMs)
    if (queue) queue.add(waiting)
    else this.#byTimeout.set(waiting.timeoutMs, new Set([waiting]))
  }

  drop(waiting: W): void {
    const queue = this.#byTimeout.get(waiting.timeoutMs)
    queue?.delete(waiting)
    if (queue?.size === 0) this.#byTimeout.delete(waiting.timeoutMs)
  }

  /** Takes out and returns all whose time is over. */
  takeDue(nowMs: number): readonly W[] {
    const due: W[] = []
    for (const queue of this.#byTimeout.values()) {
      for (const waiting of queue) {
        if (waiting.deadlineMs > nowMs) break
        due.push(waiting)
      }
    }
    for (const waiting of due) this.drop(waiting)
    return due
  }

  /** The earliest deadline; infinite when nobody waits. */
  nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY
    for (const [first] of this.#byTimeout.values()) {
      if (first && first.deadlineMs < nextMs) nextMs = first.deadlineMs
    }
    return nextMs
  }
}
