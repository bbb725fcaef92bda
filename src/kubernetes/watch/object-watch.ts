import { Backoff } from '../../base/backoff.ts'
import { pause } from '../../base/pause.ts'
import { reasonOf } from '../../base/reason-of.ts'
import { asMap, type PlainMap } from '../../documents/plain-map.ts'
import { ApiFailure, leaveAloneMs } from '../client/api-failure.ts'
import { followEvents, mayResume } from './event-stream.ts'
import { findVersion } from './find-version.ts'
import { KindHealth } from './kind-health.ts'
import { type ListQuery, listObjects } from './list-objects.ts'
import { listsRead, watchEvents, watchFailures } from './meters.ts'
import {
  acceptOf,
  type ReflectorState,
  selectorsOf,
  type WatchedObjects,
  type WatchPorts,
} from './reflector-options.ts'
import { type WatchMember, WatchMembers } from './watch-members.ts'
import { groupPath, nameOfKind } from './watched-kind.ts'

/** A server that is back is found within the longest wait; nobody else calls one that is away. */
const tempo = { minMs: 1_000, maxMs: 10_000 }
/** A server that starts denies what it has no roles for yet; after that, a person has to do something first. */
const tempoOfDenials = { minMs: 1_000, maxMs: 60_000 }
/** A kind that is missing has to be defined first: twice as long a wait each time. */
const tempoOfMissing = { firstMs: 10_000, maxMs: 60_000 }
/** A server that starts may not know its kinds yet; what we hold is dropped after so many looks. */
const looksBeforeGone = 3
/** After a stream that ended sooner there is a wait, which grows if nothing was heard from it. */
const shortestStreamMs = 5_000
/** So many streams in a row that say nothing, not even bookmarks, begin where the server never was: it lost what it had. */
const mostSilences = 2
/**
 * Objects of a page: some megaoctets for ordinary ones, a moment's work for the server and for us. A list that the
 * server forgot between two pages is read in fewer of them the next time.
 */
const pageSizes = { first: 500, most: 8_000 } as const
/** Servers end streams themselves; ours end at different times. */
const streamSeconds = 300

/** One list and one watch of some objects, whatever comes between, for all who keep something of them. */
export class ObjectWatch {
  readonly #watched: WatchedObjects
  readonly #ports: WatchPorts
  readonly #name: string
  readonly #health: KindHealth
  readonly #backoff: Backoff
  readonly #denials: Backoff
  readonly #members: WatchMembers
  readonly #ready = Promise.withResolvers<void>()
  /** Ends what is under way: a call, a stream, a pause. */
  #current = new AbortController()
  #isStopped = false
  #reloads: (() => void)[] = []
  #running: Promise<void> | undefined
  #state: ReflectorState = 'waiting'
  #served: string | undefined
  /** The resourceVersion from which a watch goes on; without it everything is listed. */
  #seen: string | undefined
  #looks = 0
  #silences = 0
  #pageSize: number = pageSizes.first

  constructor(watched: WatchedObjects, ports: WatchPorts) {
    this.#watched = watched
    this.#ports = ports
    this.#name = nameOfKind(watched.kind)
    this.#members = new WatchMembers(this.#name, ports.meters)
    this.#health = new KindHealth(watched, ports.health)
    this.#backoff = new Backoff(tempo, ports.random)
    this.#denials = new Backoff(tempoOfDenials, ports.random)
  }

  get state(): ReflectorState {
    return this.#state
  }

  /** The version of the API in which objects come; `undefined` as long as nobody knows. */
  get servedVersion(): string | undefined {
    return this.#served
  }

  /** Who joins later would miss what was there before, or all of it. */
  get hasBegun(): boolean {
    return this.#running !== undefined || this.#isStopped
  }

  join(member: WatchMember): void {
    this.#members.join(member)
  }

  /** The last one ends it; resolves when nothing more is under way for the member. */
  async leave(member: WatchMember): Promise<void> {
    if (this.#members.leave(member)) return
    this.#isStopped = true
    this.#current.abort()
    this.#ready.resolve()
    this.#endReloads()
    await this.#running
    this.#health.well()
  }

  /** Resolves when the first list is in, or the kind is known to be missing or forbidden. */
  async start(): Promise<void> {
    this.#running ??= this.#run()
    await this.#ready.promise
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
    this.#served ??= await findVersion(this.#watched.kind, { client, signal })
    if (this.#served === undefined) {
      await this.#missing()
      return
    }
    const path = this.#pathIn(this.#served)
    const accept = acceptOf(this.#watched)
    const query = { path, selectors: selectorsOf(this.#watched), signal }
    if (this.#seen === undefined) {
      const listed = await this.#list({ ...query, accept: accept.list })
      if (signal.aborted) return
      this.#seen = listed
    }
    await this.#stream({ ...query, accept: accept.watch }, this.#seen)
  }

  #pathIn(version: string): string {
    const { kind, namespace } = this.#watched
    const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
    return `${groupPath(kind.group, version)}${place}/${kind.plural}`
  }

  async #stream(query: ListQuery, resourceVersion: string): Promise<void> {
    const { client, clock, random } = this.#ports
    let events = 0
    let openedAt = Infinity
    const hasLasted = () => clock.now() - openedAt >= shortestStreamMs
    const options = {
      ...query,
      resourceVersion,
      timeoutSeconds: streamSeconds + Math.round((streamSeconds * random()) / 65_536),
      onOpen: () => {
        openedAt = clock.now()
        this.#denials.reset()
        this.#health.well()
        this.#settle('synced')
      },
      onEvent: (type: string, raw: PlainMap) => {
        events += 1
        this.#take(type, raw)
      },
    }
    try {
      const { wasSilent } = await followEvents(options, client, clock)
      this.#silences = wasSilent && events === 0 ? this.#silences + 1 : 0
    } finally {
      if (events > 0 || hasLasted()) this.#backoff.reset()
    }
    if (this.#silences === mostSilences) this.#listAnew()
    if (!hasLasted()) await this.#pause(this.#backoff.next())
  }

  async #list(query: ListQuery): Promise<string> {
    const { meters, log } = this.#ports
    const list = this.#members.beginList()
    const pageSize = this.#pageSize
    const version = await listObjects({ ...query, pageSize }, this.#ports.client, list.take)
    if (query.signal.aborted) return version
    list.finish()
    this.#looks = 0
    this.#pageSize = pageSizes.first
    this.#health.well()
    meters.cell(listsRead, this.#name).value += 1
    log.debug({ name: this.#name, count: this.#members.size }, 'objects listed')
    this.#settle('synced')
    this.#endReloads()
    return version
  }

  #take(type: string, raw: PlainMap): void {
    const { metadata } = raw
    const version = asMap(metadata)['resourceVersion']
    if (type !== 'BOOKMARK') {
      this.#ports.meters.cell(watchEvents, this.#name).value += 1
      this.#members.take(type, raw)
    }
    if (typeof version === 'string' && version !== '') this.#seen = version
  }

  async #missing(): Promise<void> {
    this.#endReloads()
    this.#looks += 1
    this.#health.well()
    if (this.#members.size === 0 || this.#looks >= looksBeforeGone) {
      this.#members.beginList().finish()
      if (this.#state !== 'missing') {
        this.#ports.log.info({ name: this.#name }, 'the cluster does not know this kind')
      }
      this.#settle('missing')
    }
    const { firstMs, maxMs } = tempoOfMissing
    await this.#pause(this.#about(Math.min(maxMs, firstMs * 2 ** (this.#looks - 1))))
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
      await this.#pause(this.#denials.next())
      return
    }
    if (status === 404) this.#served = undefined
    const isHalfRead = status === 410 && this.#seen === undefined
    if (isHalfRead) this.#pageSize = Math.min(pageSizes.most, 2 * this.#pageSize)
    if (!mayResume(status)) this.#listAnew()
    // A list that was forgotten is nobody's fault; if it happens again and again, the wait grows.
    if (status !== 410) this.#health.failed(reasonOf(error))
    await this.#pause(leaveAloneMs(error) + this.#backoff.next())
  }

  #listAnew(): void {
    this.#seen = undefined
    this.#silences = 0
  }

  #endReloads(): void {
    for (const resolve of this.#reloads) resolve()
    this.#reloads = []
  }

  #settle(state: ReflectorState): void {
    const isNew = state !== this.#state
    this.#state = state
    this.#ready.resolve()
    if (isNew) this.#members.tellState()
  }

  /** Between a half and the whole. */
  #about(ms: number): number {
    return (ms / 2) * (1 + this.#ports.random() / 65_536)
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, this.#ports.clock, this.#current.signal)
  }
}
