import { closeSync } from 'node:fs'
import { Backoff } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { Turns } from '../../base/turns.ts'
import { DescriptorPost } from '../../sys/descriptor-post.ts'
import { socketStoreAway } from '../health.ts'
import { StoreConnection } from './store-connection.ts'
import { storePaths } from './store-paths.ts'

/** What a store is to hold of one pod. */
export interface ToHold {
  readonly key: string
  /** NAMESPACE/NAME. */
  readonly pod: string
  readonly note: string
  /** Opens a netfilter socket in the pod, which is closed again when it was sent. */
  readonly openNetfilter: () => number | undefined
  /** As they are now; they stay the pod's own. */
  readonly fds: () => readonly number[]
}

/** What a store has held. */
export interface Kept {
  readonly key: string
  readonly note: string
  /** As in `ToHold`; whoever takes them closes them. */
  readonly fds: readonly number[]
}

/** Keeps copies of sockets where they outlive this process. */
export interface SocketKeeper {
  /** Everything that is held, from an agent before us. */
  take(): Promise<readonly Kept[]>
  /** Held when this returns, or as soon as somebody is there to hold it. */
  hold(pod: ToHold): Promise<void>
  /** Held no more when this returns; what is not held is fine. */
  drop(key: string): Promise<void>
  /** Its descriptors are no longer ours to send; what is held stays held. */
  leave(key: string): void
  /** All that was taken is served from now on. */
  serving(): void
}

/** Holds nothing: sockets end with the agent. */
export const noKeeper: SocketKeeper & Running = {
  take: async () => [],
  hold: async () => {},
  drop: async () => {},
  leave() {},
  serving() {},
  stop: async () => {},
}

export interface StoreKeeperPorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly random: Random
}

const backoff = { minMs: 100, maxMs: 5_000 }
/** One that begins with us may take a moment. */
const toleratedFailures = 6

/** Keeps them in a socket store, whichever is there: one that comes later, or again, is given everything. */
export class StoreKeeper implements SocketKeeper, Running {
  readonly #folder: string
  readonly #ports: StoreKeeperPorts
  readonly #backoff: Backoff
  readonly #pods = new Map<string, ToHold>()
  /** What the store has, as far as we know. */
  readonly #held = new Set<string>()
  /** The next parcel goes when the store has taken the last one: few fit into its box. */
  readonly #sending = new Turns(1)
  #post: DescriptorPost | undefined
  #connection: StoreConnection | undefined
  #failures = 0
  #isServing = false
  #isStopped = false
  #cancelRetry = () => {}

  private constructor(folder: string, ports: StoreKeeperPorts) {
    this.#folder = folder
    this.#ports = ports
    this.#backoff = new Backoff(backoff, ports.random)
  }

  /** Has asked the store what it holds when this returns, if one is there. */
  static async start(folder: string, ports: StoreKeeperPorts): Promise<StoreKeeper> {
    const keeper = new StoreKeeper(folder, ports)
    await keeper.#connect()
    return keeper
  }

  async take(): Promise<readonly Kept[]> {
    const kept: Kept[] = []
    for (const key of this.#held) {
      const note = (await this.#connection?.ask({ do: 'take', key }))?.note
      const parcel = note === undefined ? undefined : this.#post?.receive()
      if (note === undefined || parcel?.label !== key) {
        for (const fd of parcel?.fds ?? []) closeSync(fd)
      } else kept.push({ key, note, fds: parcel.fds })
    }
    return kept
  }

  async hold(pod: ToHold): Promise<void> {
    this.#pods.set(pod.key, pod)
    await this.#give(pod)
  }

  async drop(key: string): Promise<void> {
    this.#pods.delete(key)
    this.#held.delete(key)
    await this.#connection?.ask({ do: 'drop', key })
  }

  leave(key: string): void {
    this.#pods.delete(key)
  }

  serving(): void {
    this.#isServing = true
    void this.#connection?.ask({ do: 'serving' })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelRetry()
    this.#connection?.close()
    this.#post?.close()
  }

  async #connect(): Promise<void> {
    const { clock, health, log } = this.#ports
    const paths = storePaths(this.#folder)
    const connection = await StoreConnection.open(paths.control, clock)
    const keys = (await connection?.ask({ do: 'list' }))?.keys
    if (!connection || !keys || this.#isStopped || !this.#openPost(paths.agent)) {
      connection?.close()
      this.#retry()
      return
    }
    this.#connection = connection
    connection.onClose(() => this.#lose())
    this.#backoff.reset()
    this.#failures = 0
    health.clear(socketStoreAway)
    log.info({ path: this.#folder, count: keys.length }, 'sockets are kept in the store')
    for (const key of keys) this.#held.add(key)
  }

  /** It may have been another store's folder before. */
  #openPost(path: string): boolean {
    this.#post?.close()
    this.#post = undefined
    try {
      this.#post = DescriptorPost.open(path)
      return true
    } catch (error) {
      this.#ports.log.warn({ path, reason: reasonOf(error) }, 'nothing can come from the store')
      return false
    }
  }

  #lose(): void {
    this.#connection = undefined
    this.#held.clear()
    this.#retry()
  }

  #retry(): void {
    if (this.#isStopped) return
    this.#failures += 1
    if (this.#failures === toleratedFailures) {
      this.#ports.health.set(socketStoreAway, `nobody listens in ${this.#folder}`)
    }
    this.#cancelRetry = this.#ports.clock.after(this.#backoff.next(), () => void this.#reconnect())
  }

  /** What a store has that comes again may be of use to nobody, or be older than what is to be held. */
  async #reconnect(): Promise<void> {
    await this.#connect()
    for (const key of this.#held) {
      if (this.#pods.has(key)) this.#held.delete(key)
      else void this.drop(key)
    }
    for (const pod of this.#pods.values()) void this.#give(pod)
    if (this.#isServing) this.serving()
  }

  #give(pod: ToHold): Promise<void> {
    return this.#sending.take(async () => {
      const { key } = pod
      const connection = this.#connection
      // It may have been dropped, or the store have gone, while others were sent.
      if (!connection || this.#held.has(key) || this.#pods.get(key) !== pod) return
      const fault = await this.#pass(pod, connection).catch(reasonOf)
      if (fault !== undefined) {
        this.#ports.log.warn({ pod: pod.pod, reason: fault }, 'sockets are not kept')
      } else if (this.#connection === connection && this.#pods.get(key) === pod) {
        this.#held.add(key)
      }
    })
  }

  /** What kept them from being held. */
  async #pass(
    { key, pod, note, openNetfilter, fds }: ToHold,
    connection: StoreConnection,
  ): Promise<string | undefined> {
    const netfilter = openNetfilter()
    if (netfilter === undefined) return 'the kernel has no netfilter'
    const { store } = storePaths(this.#folder)
    const parcel = { label: key, fds: [netfilter, ...fds()] }
    const isSent = this.#post?.send(store, parcel) ?? false
    closeSync(netfilter)
    if (!isSent) return 'they cannot be sent'
    return (await connection.ask({ do: 'hold', key, pod, note })).fault
  }
}
