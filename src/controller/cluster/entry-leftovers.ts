import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import type {
  ClusterWorkloadEntries,
  OwnPlace,
} from '../../kubernetes/registration/cluster-workload-entries.ts'
import { controllerNamespace, referenceOf } from '../../kubernetes/registration/entry-object.ts'
import type { ReflectorPorts } from '../../kubernetes/watch/reflector-options.ts'
import { isObjectName } from '../../translate/object-meta.ts'
import {
  connectedOf,
  type RegisteredEntry,
  registration,
} from '../../translate/registration/registered-entry.ts'
import { entryKey } from '../../translate/registration/workload-entry-store.ts'

export interface LeftoverParts extends Pick<ReflectorPorts, 'clock' | 'log'> {
  readonly client: Pick<ClusterClient, 'call'>
  readonly entries: Pick<ClusterWorkloadEntries, 'entries' | 'dropIf'>
  readonly own: OwnPlace
  /** How long a machine may be away. */
  readonly graceMs: number
}

interface Seen {
  readonly atMs: number
  readonly state: string
}

/** An entry is left over after this many grace periods. */
const graces = 10

/**
 * Removes entries that nobody looks after: those of machines that left, and of controllers whose pod is gone, while the
 * machine came to no other. One replica does it; a name of a pod is never given again.
 */
export class EntryLeftovers implements Running {
  readonly #parts: LeftoverParts
  /** Since when each is seen to be left over, and how it was then. */
  #seen = new Map<string, Seen>()
  #cancel = () => {}
  #leads = false
  #sweeping = Promise.resolve()

  constructor(parts: LeftoverParts) {
    this.#parts = parts
  }

  /** Whether this replica is the one that removes. */
  lead(leads: boolean): void {
    this.#cancel()
    this.#seen.clear()
    this.#leads = leads
    if (leads) this.#later()
  }

  async stop(): Promise<void> {
    this.lead(false)
    await this.#sweeping
  }

  #later(): void {
    const { clock, graceMs } = this.#parts
    // A lead may have begun again during a look.
    this.#cancel()
    this.#cancel = clock.after((graces * graceMs) / 2, () => {
      this.#sweeping = this.#sweep().finally(() => {
        if (this.#leads) this.#later()
      })
    })
  }

  async #sweep(): Promise<void> {
    const { entries, clock, graceMs, own } = this.#parts
    const now = clock.now()
    const pods = new Map<string, boolean>([[own.name, true]])
    const seen = new Map<string, Seen>()
    for (const entry of entries.entries()) {
      if (!this.#leads) return
      if (entry.metadata.annotations[controllerNamespace] !== own.namespace) continue
      if (await this.#isLookedAfter(entry, pods)) continue
      const key = entryKey(entry.metadata)
      const state = stateOf(entry)
      const before = this.#seen.get(key)
      const { atMs } = before?.state === state ? before : { atMs: now }
      seen.set(key, { atMs, state })
      if (now - atMs >= graces * graceMs) await this.#drop(entry)
    }
    this.#seen = seen
  }

  /** One that left is looked after as well, for as long as the controller is there that saw it leave. */
  async #isLookedAfter(entry: RegisteredEntry, pods: Map<string, boolean>): Promise<boolean> {
    const { controller } = connectedOf(entry)
    const known = pods.get(controller) ?? (await this.#isThere(controller))
    pods.set(controller, known)
    return known
  }

  /** Whether the pod is; yes, where nobody says. Listed, since that is what the account may do anyway. */
  async #isThere(controller: string): Promise<boolean> {
    if (!isObjectName(controller)) return false
    const { client, own } = this.#parts
    const path = `/api/v1/namespaces/${encodeURIComponent(own.namespace)}/pods`
    try {
      const query = { fieldSelector: `metadata.name=${controller}`, limit: 1 }
      const { items } = await client.call({ path, query })
      return !Array.isArray(items) || items.length > 0
    } catch {
      return true
    }
  }

  async #drop(entry: RegisteredEntry): Promise<void> {
    const { entries, log } = this.#parts
    const reference = referenceOf(entry)
    const state = stateOf(entry)
    try {
      await entries.dropIf(reference, (current) => stateOf(current) === state)
      log.info(reference, 'the entry of a machine that nobody looks after is removed')
    } catch (error) {
      log.warn({ ...reference, reason: reasonOf(error) }, 'a left over entry cannot be removed')
    }
  }
}

function stateOf({ metadata: { annotations } }: RegisteredEntry): string {
  const { controller, connectedAt, disconnectedAt } = registration
  return [controller, connectedAt, disconnectedAt].map((key) => annotations[key] ?? '').join(' ')
}
