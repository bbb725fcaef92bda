import { Backoff } from '../../base/backoff.ts'
import { pause } from '../../base/pause.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { isPlainMap, type PlainMap } from '../../documents/plain-map.ts'
import { ApiFailure, leaveAloneMs } from '../client/api-failure.ts'
import { followEvents, mayResume } from './event-stream.ts'
import { findVersion } from './find-version.ts'
import { type HeldChange, HeldObjects } from './held-objects.ts'
import { KindHealth } from './kind-health.ts'
import { type ListQuery, listObjects } from './list-objects.ts'
import { listsRead, objectsHeld, watchEvents, watchFailures } from './meters.ts'
import {
  acceptOf,
  type ReflectorOptions,
  type ReflectorPorts,
  type ReflectorState,
  selectorsOf,
} from './reflector-options.ts'
import { groupPath, nameOfKind } from './watched-kind.ts'

/** A server that is back is found within the longest wait; nobody else calls one that is away. */
const tempo = { minMs: 1_000, maxMs: 10_000 }
/** How long to wait where a person has to do something first. */
const forbiddenMs = 60_000
const missingMs = 10_000
/** A server that starts may not know its kinds yet; what we hold is dropped after so many looks. */
const looksBeforeGone = 3
/** A stream that ended sooner, without a word, is none. */
const shortestStreamMs = 5_000
/** Servers end streams themselves; ours end at different times. */
const streamSeconds = 300

/**
 * The objects of one kind, as they are in the cluster: listed, then watched, whatever comes between.
 *
 * Followers hear of differences only, also when everything had to be listed again.
 */
export class Reflector<T> implements Running {
  readonly #options: ReflectorOptions<T>
  readonly #ports: ReflectorPorts
  readonly #name: string
  readonly #health: KindHealth
  readonly #held: HeldObjects<T>
  readonly #backoff: Backoff
  readonly #followers: ((change: HeldChange<T>) => void)[] = []
  readonly #stateFollowers: (() => void)[] = []
  readonly #ready = Promise.withResolvers<void>()
  /** Ends what is under way: a call, a stream, a pause. */
  #current = new AbortController()
  #isStopped = false
  #reloads: (() => void)[] = []
  #running: Promise<void> | undefined
  #state: ReflectorState = 'waiting'
  /** The version in which the cluster serves the kind. */
  #served: string | undefined
  /** The resourceVersion from which a watch goes on; without it everything is listed. */
  #seen: string | undefined
  #looks = 0
  #counted = 0

  constructor(options: ReflectorOptions<T>, ports: ReflectorPorts) {
    this.#options = options
    this.#ports = ports
    this.#name = nameOfKind(options.kind)
    this.#health = new KindHealth(options, ports.health)
    this.#held = new HeldObjects(
      (raw) => options.project(raw),
      (key, error) => {
        const object = `${this.#name} ${key}`
        ports.log.warn({ object, error }, 'an object of the cluster could not be read')
      },
    )
    this.#backoff = new Backoff(tempo, ports.random)
  }

  get state(): ReflectorState {
    return this.#state
  }

  /** The version of the API in which objects come; `undefined` as long as nobody knows. */
  get servedVersion(): string | undefined {
    return this.#served
  }

  /** Live; by `NAMESPACE/NAME`, or `/NAME` for what is in no namespace. */
  items(): ReadonlyMap<string, T> {
    return this.#held.items()
  }

  /** Calls back after each change of `items()`; a list is one change. */
  follow(onChange: (change: HeldChange<T>) => void): void {
    this.#followers.push(onChange)
  }

  /** Calls back after each change of `state`. */
  followState(onState: () => void): void {
    this.#stateFollowers.push(onState)
  }

  /**
   * Resolves when the first list is in, or the kind is known to be missing or forbidden; until then it
   * goes on trying, and a stop ends the wait.
   */
  async start(): Promise<this> {
    this.#running ??= this.#run()
    await this.#ready.promise
    return this
  }

  /** Lists everything anew; resolves when that is done, or has failed once. */
  async reload(): Promise<void> {
    if (this.#isStopped || !this.#running) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#reloads.push(resolve)
    this.#seen = undefined
    this.#current.abort()
    await promise
  }

  /** Nobody hears of anything afterwards; what is held stays. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#current.abort()
    this.#ready.resolve()
    this.#endReloads()
    await this.#running
    this.#health.well()
    this.#count(0)
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#current = new AbortController()
      const { signal } = this.#current
      try {
        await this.#step(signal)
      } catch (error) {
        if (!signal.aborted) await this.#recover(error)
      }
    }
  }

  /** Does what is next: finds the version, lists, follows one stream. */
  async #step(signal: AbortSignal): Promise<void> {
    const { client } = this.#ports
    this.#served ??= await findVersion(this.#options.kind, { client, signal })
    if (this.#served === undefined) {
      await this.#missing()
      return
    }
    const path = this.#pathIn(this.#served)
    const accept = acceptOf(this.#options)
    const query = { path, selectors: selectorsOf(this.#options), signal }
    if (this.#seen === undefined) {
      const listed = await this.#list({ ...query, accept: accept.list })
      if (signal.aborted) return
      this.#seen = listed
    }
    await this.#stream({ ...query, accept: accept.watch }, this.#seen)
  }

  #pathIn(version: string): string {
    const { kind, namespace } = this.#options
    const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
    return `${groupPath(kind.group, version)}${place}/${kind.plural}`
  }

  async #stream(query: ListQuery, resourceVersion: string): Promise<void> {
    const { client, clock, random } = this.#ports
    let events = 0
    let openedAt = Infinity
    const hasLasted = () => events > 0 || clock.now() - openedAt >= shortestStreamMs
    const options = {
      ...query,
      resourceVersion,
      timeoutSeconds: streamSeconds + Math.round((streamSeconds * random()) / 65_536),
      onOpen: () => {
        openedAt = clock.now()
        this.#health.well()
        this.#settle('synced')
      },
      onEvent: (type: string, raw: PlainMap) => {
        events += 1
        this.#take(type, raw)
      },
    }
    try {
      await followEvents(options, client, clock)
    } finally {
      if (hasLasted()) this.#backoff.reset()
    }
    if (!hasLasted()) await this.#pause(this.#backoff.next())
  }

  async #list(query: ListQuery): Promise<string> {
    const { meters, log } = this.#ports
    const list = this.#held.beginList()
    const version = await listObjects(query, this.#ports.client, list.take)
    if (query.signal.aborted) return version
    const change = list.finish()
    this.#looks = 0
    this.#health.well()
    meters.cell(listsRead, this.#name).value += 1
    log.debug({ name: this.#name, count: this.items().size }, 'objects listed')
    this.#tell(change)
    this.#settle('synced')
    this.#endReloads()
    return version
  }

  #take(type: string, raw: PlainMap): void {
    const { metadata } = raw
    const version = isPlainMap(metadata) ? metadata['resourceVersion'] : undefined
    if (type !== 'BOOKMARK') {
      this.#ports.meters.cell(watchEvents, this.#name).value += 1
      const change = this.#held.take(type, raw)
      if (change) this.#tell(change)
    }
    if (typeof version === 'string') this.#seen = version
  }

  async #missing(): Promise<void> {
    this.#endReloads()
    this.#looks += 1
    this.#health.well()
    if (this.items().size === 0 || this.#looks >= looksBeforeGone) {
      this.#tell(this.#held.clear())
      if (this.#state !== 'missing') {
        this.#ports.log.info({ name: this.#name }, 'the cluster does not know this kind')
      }
      this.#settle('missing')
    }
    await this.#pause(this.#about(missingMs))
  }

  async #recover(error: unknown): Promise<void> {
    this.#endReloads()
    const { log, meters } = this.#ports
    const status = error instanceof ApiFailure ? error.status : 0
    meters.cell(watchFailures, this.#name).value += 1
    log.debug({ name: this.#name, reason: reasonOf(error) }, 'the cluster is not followed')
    if (status === 403) {
      this.#health.forbidden()
      this.#settle('forbidden')
      await this.#pause(this.#about(forbiddenMs))
      return
    }
    if (status === 404) this.#served = undefined
    if (!mayResume(status)) this.#seen = undefined
    // A list that was forgotten is nobody's fault; if it happens again and again, the wait grows.
    if (status !== 410) this.#health.failed(reasonOf(error))
    await this.#pause(leaveAloneMs(error) + this.#backoff.next())
  }

  #tell(change: HeldChange<T>): void {
    if (change.put.length + change.gone.length === 0) return
    if (this.#isStopped) return
    this.#count(this.items().size)
    for (const onChange of this.#followers) {
      try {
        onChange(change)
      } catch (error) {
        this.#ports.log.error({ name: this.#name, error }, 'a change of the cluster was not taken')
      }
    }
  }

  #endReloads(): void {
    for (const resolve of this.#reloads) resolve()
    this.#reloads = []
  }

  /** Several reflectors may follow parts of one kind. */
  #count(size: number): void {
    this.#ports.meters.cell(objectsHeld, this.#name).value += size - this.#counted
    this.#counted = size
  }

  #settle(state: ReflectorState): void {
    const isNew = state !== this.#state
    this.#state = state
    this.#ready.resolve()
    if (isNew && !this.#isStopped) for (const onState of this.#stateFollowers) onState()
  }

  /** Between a half and the whole. */
  #about(ms: number): number {
    return (ms / 2) * (1 + this.#ports.random() / 65_536)
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, this.#ports.clock, this.#current.signal)
  }
}
