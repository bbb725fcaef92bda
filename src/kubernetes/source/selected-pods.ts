import type { Running } from '../../base/scope.ts'
import { Turns } from '../../base/turns.ts'
import type { ObjectChange } from '../../translate/unique-objects.ts'
import type { HeldChange } from '../watch/held-objects.ts'
import { Reflector } from '../watch/reflector.ts'
import type { ReflectorPorts } from '../watch/reflector-options.ts'
import { type HeldPod, holdPod, readHeldPod } from './held-pod.ts'
import { NeededPods } from './needed-pods.ts'
import { podKind } from './source-kinds.ts'

/** Namespaces that have a watch each; more have one for all Pods of the cluster, until they are few again. */
const mostNamespaces = 16
const fewNamespaces = 8

/** Pages of Pods that are under way at a time: each is megaoctets, of which mostly little is kept. */
const mostPages = 2

/** Pods that have ended keep no address. */
const unfinished = 'status.phase!=Succeeded,status.phase!=Failed'

/** Key of the watch of all namespaces. */
const everywhere = ''

/**
 * The Pods among which something finds its endpoints by labels.
 *
 * Where we may not see all of a cluster, namespaces are watched one by one, however many they are.
 */
export class SelectedPods implements Running {
  readonly #ports: ReflectorPorts
  readonly #onChange: (change: HeldChange<HeldPod>) => void
  readonly #needed = new NeededPods()
  /** By namespace, and `everywhere`. */
  readonly #watches = new Map<string, Reflector<HeldPod>>()
  /** By `NAMESPACE/NAME`. */
  readonly #selected = new Map<string, HeldPod>()
  /** Those that are ending. */
  readonly #ending = new Set<Promise<void>>()
  #isStopped = false

  constructor(ports: ReflectorPorts, onChange: (change: HeldChange<HeldPod>) => void) {
    this.#ports = inTurn(ports)
    this.#onChange = onChange
  }

  /** Hears what there is that may select Pods. */
  update(change: ObjectChange): void {
    const namespaces = this.#needed.update(change)
    if (namespaces.size === 0 || this.#isStopped) return
    this.#balance()
    this.#selectIn(namespaces)
  }

  /** Resolves when the first lists are in, or it is known that they do not come. */
  async start(): Promise<void> {
    // Where not all may be seen there are more.
    for (let known = -1; known !== this.#watches.size; ) {
      known = this.#watches.size
      await Promise.all([...this.#watches.values()].map((watch) => watch.start()))
    }
  }

  async reload(): Promise<void> {
    await Promise.all([...this.#watches.values()].map((watch) => watch.reload()))
  }

  /** Nobody hears of anything afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const key of this.#watches.keys()) this.#end(key)
    await Promise.all(this.#ending)
  }

  /** Has the watches that it takes; one that another takes the place of ends when that has its list. */
  #balance(): void {
    const wanted = this.#needed.namespaces()
    const areFew = wanted.size <= fewNamespaces
    if (wanted.size > mostNamespaces) this.#begin(everywhere)
    const wide = this.#watches.get(everywhere)?.state ?? 'forbidden'
    if (areFew || wide === 'forbidden') for (const namespace of wanted) this.#begin(namespace)
    for (const key of this.#watches.keys()) {
      const isOver = !wanted.has(key) || (wide === 'synced' && !areFew)
      if (key !== everywhere && isOver) this.#end(key)
    }
    if (areFew && this.#areSynced(wanted)) this.#end(everywhere)
  }

  #areSynced(namespaces: ReadonlySet<string>): boolean {
    return [...namespaces].every((namespace) => this.#watches.get(namespace)?.state === 'synced')
  }

  #begin(key: string): void {
    if (this.#watches.has(key)) return
    const place = key === everywhere ? {} : { namespace: key }
    const options = { kind: podKind.watched, ...place, fieldSelector: unfinished, project: holdPod }
    const watch = new Reflector<HeldPod>(options, this.#ports)
    this.#watches.set(key, watch)
    watch.follow(({ put, gone }) => this.#select([...put, ...gone].map((pod) => pod.key)))
    watch.followState(() => {
      if (this.#isStopped) return
      this.#balance()
      this.#selectIn(new Set([key]))
    })
    void watch.start()
  }

  #end(key: string): void {
    const watch = this.#watches.get(key)
    if (!watch) return
    this.#watches.delete(key)
    const ending = watch.stop().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
    this.#select(watch.items().keys())
  }

  #selectIn(namespaces: ReadonlySet<string>): void {
    const held = [...this.#watches.values()].flatMap((watch) => [...watch.items().keys()])
    this.#select(held.filter((key) => namespaces.has(namespaceOf(key))))
  }

  /** Tells what is different with these Pods. */
  #select(keys: Iterable<string>): void {
    if (this.#isStopped) return
    const put: HeldPod[] = []
    const gone: HeldPod[] = []
    for (const key of new Set(keys)) {
      const before = this.#selected.get(key)
      const now = this.#find(key)
      if (now === undefined) {
        if (!before) continue
        this.#selected.delete(key)
        gone.push(before)
      } else if (now.text !== before?.text) {
        this.#selected.set(key, now)
        put.push(now)
      }
    }
    if (put.length + gone.length > 0) this.#onChange({ put, gone })
  }

  /** A Pod that is selected. */
  #find(key: string): HeldPod | undefined {
    const namespace = namespaceOf(key)
    if (!this.#needed.has(namespace)) return undefined
    const own = this.#watches.get(namespace)
    const wide = own?.state === 'synced' ? undefined : this.#watches.get(everywhere)
    const pod = own?.items().get(key) ?? wide?.items().get(key)
    return pod && this.#needed.selects(readHeldPod(pod)) ? pod : undefined
  }
}

function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf('/'))
}

function inTurn(ports: ReflectorPorts): ReflectorPorts {
  const turns = new Turns(mostPages)
  const { client } = ports
  return {
    ...ports,
    client: {
      call: (call) => turns.take(() => client.call(call)),
      watch: (watch) => client.watch(watch),
    },
  }
}
