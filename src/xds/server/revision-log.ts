/** A place in the order of changes: the later, the larger. */
export type Revision = number

/** Things in the order of their last change, each of them once. */
export class RevisionLog<T> {
  /** Ascending; a revision stands where its thing stands. */
  #revisions: Revision[] = []
  /** `undefined` where a thing has moved on. */
  #things: (T | undefined)[] = []
  #holes = 0
  #last: Revision = 0

  /** That of the newest change; 0 before the first. */
  get last(): Revision {
    return this.#last
  }

  /** Puts a thing at the end, and says where that is. */
  append(thing: T): Revision {
    this.#last += 1
    this.#revisions.push(this.#last)
    this.#things.push(thing)
    return this.#last
  }

  /** Takes away what stands there. */
  remove(revision: Revision): void {
    const index = this.#indexAfter(revision) - 1
    if (this.#revisions[index] !== revision || this.#things[index] === undefined) return
    this.#things[index] = undefined
    this.#holes += 1
    if (this.#holes > 1_024 && this.#holes * 2 > this.#things.length) this.#compact()
  }

  /**
   * Shows everything that changed after `revision`, oldest change first, until `visit` says false.
   *
   * The log must stay as it is meanwhile. True when the end was reached.
   */
  visitAfter(revision: Revision, visit: (thing: T) => boolean): boolean {
    for (let index = this.#indexAfter(revision); index < this.#things.length; index += 1) {
      const thing = this.#things[index]
      if (thing !== undefined && !visit(thing)) return false
    }
    return true
  }

  /** Where the first one after it stands. */
  #indexAfter(revision: Revision): number {
    let low = 0
    let high = this.#revisions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#revisions[middle] ?? 0) <= revision) low = middle + 1
      else high = middle
    }
    return low
  }

  #compact(): void {
    this.#revisions = this.#revisions.filter((_, index) => this.#things[index] !== undefined)
    this.#things = this.#things.filter((thing) => thing !== undefined)
    this.#holes = 0
  }
}
