import type { Meters } from '../../base/meters.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import { objectsHeld } from './meters.ts'

/** A list of everything, as it comes; nothing changes before `finish`. */
export interface IncomingList {
  readonly take: (raw: PlainMap) => void
  readonly finish: () => void
}

/** Who keeps something of what a watch brings. */
export interface WatchMember {
  /** How many objects are kept. */
  readonly size: number
  beginList(): IncomingList
  /** Any type but `BOOKMARK` and `ERROR`. */
  take(type: string, raw: PlainMap): void
  /** There is another state. */
  onState(): void
}

/** All who keep something of what a watch brings, as one. */
export class WatchMembers {
  readonly #all = new Set<WatchMember>()
  readonly #meters: Meters
  readonly #name: string
  #counted = 0

  constructor(name: string, meters: Meters) {
    this.#name = name
    this.#meters = meters
  }

  /** What several keep is counted once. */
  get size(): number {
    return this.#counted
  }

  join(member: WatchMember): void {
    this.#all.add(member)
  }

  /** Whether somebody is left. */
  leave(member: WatchMember): boolean {
    this.#all.delete(member)
    this.#count()
    return this.#all.size > 0
  }

  beginList(): IncomingList {
    const lists = [...this.#all].map((member) => member.beginList())
    return {
      take(raw) {
        for (const list of lists) list.take(raw)
      },
      finish: () => {
        for (const list of lists) list.finish()
        this.#count()
      },
    }
  }

  take(type: string, raw: PlainMap): void {
    for (const member of this.#all) member.take(type, raw)
    this.#count()
  }

  tellState(): void {
    for (const member of this.#all) member.onState()
  }

  /** Several watches may be of one kind. */
  #count(): void {
    const size = Math.max(0, ...[...this.#all].map((member) => member.size))
    this.#meters.cell(objectsHeld, this.#name).value += size - this.#counted
    this.#counted = size
  }
}
