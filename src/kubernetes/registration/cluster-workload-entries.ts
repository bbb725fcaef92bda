import type { Running } from '../../base/scope.ts'
import { Turns } from '../../base/turns.ts'
import { valueAt } from '../../config/layer.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import {
  connectedOf,
  hasMovedOn,
  type RegisteredEntry,
  registration,
} from '../../translate/registration/registered-entry.ts'
import type {
  EntryChange,
  EntryReference,
  WorkloadEntryStore,
} from '../../translate/registration/workload-entry-store.ts'
import { isApiFailure } from '../client/api-failure.ts'
import { type ClusterClient, patchTypes } from '../client/cluster-client.ts'
import { findObject } from '../client/find-object.ts'
import { workloadEntryKind } from '../source/source-kinds.ts'
import { Reflector } from '../watch/reflector.ts'
import type { ReflectorPorts } from '../watch/reflector-options.ts'
import { groupPath } from '../watch/watched-kind.ts'
import {
  annotationsPatch,
  bodyOf,
  conditionsOf,
  controllerNamespace,
  readEntry,
  referenceOf,
} from './entry-object.ts'

/** Which controller this is. */
export interface OwnPlace {
  /** Of its pod. */
  readonly name: string
  readonly namespace: string
}

const { watched } = workloadEntryKind

/** Calls under way at a time, so that many machines that come at once do not keep the API server busy. */
const mostCalls = 16

/** How often somebody else may be faster, before it counts as a failure. */
const mostTries = 5

/**
 * Entries of registered machines as WorkloadEntries of a cluster, which all replicas write.
 *
 * Each write is made for the version of the object that was read just before. Who has a machine says so in annotations, and
 * the one that it connected to last has it.
 */
export class ClusterWorkloadEntries implements WorkloadEntryStore, Running {
  readonly #own: OwnPlace
  readonly #client: ClusterClient
  readonly #reflector: Reflector<RegisteredEntry>
  readonly #turns = new Turns(mostCalls)

  constructor(own: OwnPlace, ports: ReflectorPorts & { readonly client: ClusterClient }) {
    this.#own = own
    this.#client = ports.client
    this.#reflector = new Reflector({ kind: watched, project: readEntry }, ports)
  }

  async start(): Promise<this> {
    await this.#reflector.start()
    return this
  }

  async stop(): Promise<void> {
    await this.#reflector.stop()
  }

  /** All that there are, of all controllers. */
  entries(): Iterable<RegisteredEntry> {
    return this.#reflector.items().values()
  }

  async load(): Promise<readonly RegisteredEntry[]> {
    const { name } = this.#own
    return [...this.entries()].filter((entry) => connectedOf(entry).controller === name)
  }

  follow(onChange: (change: EntryChange) => void): void {
    this.#reflector.follow(onChange)
  }

  /** @throws {ApiFailure} when the cluster does not take it. */
  async put(given: RegisteredEntry): Promise<boolean> {
    const annotations = {
      ...given.metadata.annotations,
      [controllerNamespace]: this.#own.namespace,
    }
    const entry = { ...given, metadata: { ...given.metadata, annotations } }
    return await this.#turns.take(() => this.#again(() => this.#tryPut(entry)))
  }

  /** @throws {ApiFailure} when the cluster does not do it. */
  async drop(reference: EntryReference, held: RegisteredEntry | undefined): Promise<void> {
    await this.dropIf(reference, (current) => !held || !hasMovedOn(current, held))
  }

  /**
   * Removes an entry if it still is as somebody thinks.
   * @throws {ApiFailure} when the cluster does not do it.
   */
  async dropIf(
    reference: EntryReference,
    isStill: (current: RegisteredEntry) => boolean,
  ): Promise<void> {
    await this.#turns.take(() =>
      this.#again(async () => {
        const raw = await findObject(this.#client, this.#pathOf(reference))
        const current = raw && readEntry(raw)
        if (!current || !isStill(current)) return true
        const uid = valueAt(raw, ['metadata', 'uid'])
        const preconditions = { uid, resourceVersion: versionOf(raw) }
        await this.#client.call({
          method: 'DELETE',
          path: this.#pathOf(reference),
          body: { preconditions },
        })
        return true
      }),
    )
  }

  async #tryPut(entry: RegisteredEntry): Promise<boolean> {
    const reference = referenceOf(entry)
    let raw = await findObject(this.#client, this.#pathOf(reference))
    const current = raw && readEntry(raw)
    // Somebody wrote an entry of this name by hand: theirs.
    if (raw && !current) return false
    if (current && hasMovedOn(current, entry)) return false
    if (raw && current) {
      const annotations = annotationsPatch(current, entry)
      if (annotations) raw = await this.#patch(raw, reference, { metadata: { annotations } })
    } else {
      const uid = await this.#uidOfGroup(entry)
      if (uid === undefined) return false
      const apiVersion = `${watched.group}/${this.#version}`
      const body = bodyOf(entry, { apiVersion, uid })
      const path = this.#pathOf({ namespace: reference.namespace, name: '' })
      raw = await this.#client.call({ method: 'POST', path, body })
    }
    const conditions = conditionsOf(raw, entry)
    if (conditions) await this.#patch(raw, reference, { status: { conditions } }, '/status')
    return true
  }

  /** Until nobody was faster. */
  async #again(attempt: () => Promise<boolean>): Promise<boolean> {
    for (let left = mostTries; ; left -= 1) {
      try {
        return await attempt()
      } catch (error) {
        const isPassing = isApiFailure(error, 409) || isApiFailure(error, 404)
        if (!isPassing || left === 1) throw error
      }
    }
  }

  async #patch(
    raw: PlainMap,
    reference: EntryReference,
    change: PlainMap,
    part = '',
  ): Promise<PlainMap> {
    const resourceVersion = versionOf(raw)
    const metadata = { ...(change['metadata'] as PlainMap | undefined), resourceVersion }
    return await this.#client.call({
      method: 'PATCH',
      path: this.#pathOf(reference) + part,
      contentType: patchTypes.merge,
      body: { ...change, metadata },
    })
  }

  /** Without a group, an entry would be taken away again at once. */
  async #uidOfGroup({ metadata }: RegisteredEntry): Promise<string | undefined> {
    const name = metadata.annotations[registration.group] ?? ''
    const path = this.#pathOf({ namespace: metadata.namespace, name }, 'workloadgroups')
    const raw = await findObject(this.#client, path)
    const uid = valueAt(raw, ['metadata', 'uid'])
    return typeof uid === 'string' ? uid : undefined
  }

  get #version(): string {
    return this.#reflector.servedVersion ?? watched.versions[0]
  }

  #pathOf({ namespace, name }: EntryReference, plural = 'workloadentries'): string {
    const place = `${groupPath(watched.group, this.#version)}/namespaces/${encodeURIComponent(namespace)}`
    return `${place}/${plural}${name === '' ? '' : `/${encodeURIComponent(name)}`}`
  }
}

function versionOf(raw: PlainMap | undefined): unknown {
  return valueAt(raw, ['metadata', 'resourceVersion'])
}
