import type { Revision } from './revision-log.ts'

interface Mark {
  readonly revision: Revision
  readonly at: number
}

/** How many changes are remembered; a stream that is further behind counts from the oldest of them. */
const maxMarks = 1_024

/** When changes were made, to tell how long they take to arrive. */
export class ChangeMarks {
  #marks: Mark[] = []

  /** Everything up to `revision` that was not marked before was made at this time. */
  mark(revision: Revision, at: number): void {
    this.#marks.push({ revision, at })
    if (this.#marks.length >= maxMarks * 2) this.#marks = this.#marks.slice(maxMarks)
  }

  /** When the first change after `revision` was made; `undefined` when there was none. */
  firstAfter(revision: Revision): number | undefined {
    if ((this.#marks.at(-1)?.revision ?? 0) <= revision) return undefined
    const index = this.#marks.findLastIndex((mark) => mark.revision <= revision)
    return this.#marks[index + 1]?.at
  }
}
