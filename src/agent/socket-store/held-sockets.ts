import { closeSync } from 'node:fs'
import { deleteTable, type TableDeletion } from '../../sys/delete-table.ts'

/** What is held of one pod. */
export interface Holding {
  /** NAMESPACE/NAME. */
  readonly pod: string
  /** Means something only to who brought it. */
  readonly note: string
  /** The first one is a netfilter socket of the pod's namespace. */
  readonly fds: readonly number[]
}

/** Descriptors of pods, by key. Nobody reads from them here: what arrives waits in the kernel. */
export class HeldSockets {
  readonly #held = new Map<string, Holding>()

  get size(): number {
    return this.#held.size
  }

  keys(): readonly string[] {
    return [...this.#held.keys()]
  }

  get(key: string): Holding | undefined {
    return this.#held.get(key)
  }

  /** The descriptors are its own from here on. */
  hold(key: string, holding: Holding): void {
    this.drop(key)
    this.#held.set(key, holding)
  }

  drop(key: string): void {
    for (const fd of this.#held.get(key)?.fds ?? []) closeSync(fd)
    this.#held.delete(key)
  }

  /** Takes the table of rules out of each pod, so that it resolves as without us, then drops everything; tells of each. */
  letGo(table: string, told: (pod: string, deletion: TableDeletion) => void): void {
    for (const [key, { pod, fds }] of this.#held) {
      const [netfilter = -1] = fds
      told(pod, deleteTable(netfilter, table))
      this.drop(key)
    }
  }
}
