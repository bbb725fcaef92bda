import type { Running } from '../../base/scope.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import { type HeldChange, HeldObjects } from './held-objects.ts'
import { ObjectWatch } from './object-watch.ts'
import type { ReflectorOptions, ReflectorPorts, ReflectorState } from './reflector-options.ts'
import type { WatchMember } from './watch-members.ts'
import { nameOfKind } from './watched-kind.ts'

/**
 * The objects of one kind, as they are in the cluster, in the form that somebody keeps them in.
 *
 * Followers hear of differences only, also when everything had to be listed again.
 */
export class Reflector<T> implements Running {
  readonly #ports: ReflectorPorts
  readonly #name: string
  readonly #held: HeldObjects<T>
  readonly #watch: ObjectWatch
  readonly #member: WatchMember
  readonly #followers: ((change: HeldChange<T>) => void)[] = []
  readonly #listFollowers: (() => () => void)[] = []
  readonly #stateFollowers: (() => void)[] = []
  readonly #stopped = Promise.withResolvers<void>()
  #isStopped = false

  constructor(options: ReflectorOptions<T>, ports: ReflectorPorts) {
    this.#ports = ports
    this.#name = nameOfKind(options.kind)
    this.#held = new HeldObjects(
      (raw) => options.project(raw),
      (key, error) => {
        const object = `${this.#name} ${key}`
        ports.log.warn({ object, error }, 'an object of the cluster could not be read')
      },
    )
    this.#watch = ports.watches?.of(options, ports) ?? new ObjectWatch(options, ports)
    this.#member = this.#asMember()
    this.#watch.join(this.#member)
  }

  get state(): ReflectorState {
    return this.#watch.state
  }

  /** The version of the API in which objects come; `undefined` as long as nobody knows. */
  get servedVersion(): string | undefined {
    return this.#watch.servedVersion
  }

  /** Live; by `NAMESPACE/NAME`, or `/NAME` for what is in no namespace. */
  items(): ReadonlyMap<string, T> {
    return this.#held.items()
  }

  /** Calls back after each change of `items()`; a list is one change. */
  follow(onChange: (change: HeldChange<T>) => void): void {
    this.#followers.push(onChange)
  }

  /** Calls back when a list of everything is asked for; what that gives, when the list was told, if it came. */
  followLists(onList: () => () => void): void {
    this.#listFollowers.push(onList)
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
    if (!this.#isStopped) await Promise.race([this.#watch.start(), this.#stopped.promise])
    return this
  }

  /** Lists everything anew; resolves when that is done, or has failed once. */
  async reload(): Promise<void> {
    if (!this.#isStopped) await this.#watch.reload()
  }

  /** Nobody hears of anything afterwards; what is held stays. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopped.resolve()
    await this.#watch.leave(this.#member)
  }

  #asMember(): WatchMember {
    const held = this.#held
    return {
      get size() {
        return held.items().size
      },
      beginList: () => {
        const list = held.beginList()
        const onTold = this.#listFollowers.map((onList) => onList())
        const finish = () => {
          if (this.#isStopped) return
          this.#tell(list.finish())
          this.#callAll(onTold, (told) => told())
        }
        return { take: list.take, finish }
      },
      take: (type: string, raw: PlainMap) => {
        const change = held.take(type, raw)
        if (change) this.#tell(change)
      },
      onState: () => this.#callAll(this.#stateFollowers, (onState) => onState()),
    }
  }

  #tell(change: HeldChange<T>): void {
    if (change.put.length + change.gone.length === 0) return
    this.#callAll(this.#followers, (onChange) => onChange(change))
  }

  /** What one of them does wrong is no fault of the others. */
  #callAll<Follower>(followers: readonly Follower[], call: (follower: Follower) => void): void {
    for (const follower of followers) {
      try {
        call(follower)
      } catch (error) {
        this.#ports.log.error({ name: this.#name, error }, 'a change of the cluster was not taken')
      }
    }
  }
}
