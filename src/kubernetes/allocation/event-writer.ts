import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { reasonOf } from '../../base/reason-of.ts'
import { isPlainMap } from '../../documents/plain-map.ts'
import { isApiFailure } from '../client/api-failure.ts'
import { type ClusterClient, patchTypes } from '../client/cluster-client.ts'
import { microTime } from '../leader/lease.ts'
import type { AllocationEntry } from './entry.ts'

/** Something that users of an entry shall see in `kubectl describe`. */
export interface EntryEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
}

export interface EventPorts {
  readonly client: Pick<ClusterClient, 'call'>
  readonly clock: Clock
  readonly log: Log
}

/** So many at once, and then one a second; of each type. */
const burst = 25
const refillMs = 1_000
/** Any version that is served does: who looks for events of an object goes by its kind, name and uid. */
const istioVersion = 'networking.istio.io/v1'
/** Names have 253 characters at most; a longer entry's event is called by the rest alone. */
const longestName = 253 - 17
/** Kubernetes: events/v1, `note` has at most 1 kB. */
const longestNote = 1_000

/**
 * Writes Events (Kubernetes: events/v1) on entries, the same one once with a count; when there are very
 * many, not all of them: the conditions say everything.
 */
export class EventWriter {
  readonly #identity: string
  readonly #ports: EventPorts
  readonly #tokens = new Map<EntryEvent['type'], { count: number; at: number }>()
  readonly #writing = new Set<Promise<void>>()

  constructor(identity: string, ports: EventPorts) {
    this.#identity = identity
    this.#ports = ports
  }

  /** Does not wait; an event that cannot be written is lost. */
  write(entry: AllocationEntry, event: EntryEvent): void {
    if (!this.#mayWrite(event.type)) return
    const writing = this.#write(entry, event)
      .catch((error: unknown) => {
        const object = `ServiceEntry ${entry.key}`
        this.#ports.log.debug({ object, reason: reasonOf(error) }, 'an event was not written')
      })
      .finally(() => this.#writing.delete(writing))
    this.#writing.add(writing)
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing)
  }

  #mayWrite(type: EntryEvent['type']): boolean {
    const now = this.#ports.clock.now()
    const tokens = this.#tokens.get(type) ?? { count: burst, at: now }
    this.#tokens.set(type, tokens)
    tokens.count = Math.min(burst, tokens.count + (now - tokens.at) / refillMs)
    tokens.at = now
    if (tokens.count < 1) return false
    tokens.count -= 1
    return true
  }

  async #write(entry: AllocationEntry, { type, reason, note }: EntryEvent): Promise<void> {
    const { client, clock } = this.#ports
    const time = microTime(clock.wall())
    const short = note.length > longestNote ? `${note.slice(0, longestNote - 1)}…` : note
    const digest = createHash('sha256').update(`${entry.uid} ${reason} ${note}`).digest('hex')
    const name = entry.name.length > longestName ? digest : `${entry.name}.${digest.slice(0, 16)}`
    const folder = `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(entry.namespace)}/events`
    const body = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: entry.namespace, name },
      eventTime: time,
      reportingController: 'meshdns.io/controller',
      reportingInstance: this.#identity.slice(0, 128),
      action: 'AllocateAddresses',
      type,
      reason,
      note: short,
      regarding: {
        apiVersion: istioVersion,
        kind: 'ServiceEntry',
        namespace: entry.namespace,
        name: entry.name,
        uid: entry.uid,
        resourceVersion: entry.resourceVersion,
      },
    }
    try {
      await client.call({ method: 'POST', path: folder, body })
    } catch (error) {
      if (!isApiFailure(error, 409)) throw error
      await this.#countAgain(`${folder}/${encodeURIComponent(name)}`, time)
    }
  }

  async #countAgain(path: string, lastObservedTime: string): Promise<void> {
    const { client } = this.#ports
    const { series } = await client.call({ path })
    const before = isPlainMap(series) ? Number(series['count']) : 1
    const count = Number.isSafeInteger(before) ? before + 1 : 2
    const body = { series: { count, lastObservedTime } }
    await client.call({ method: 'PATCH', path, body, contentType: patchTypes.merge })
  }
}
