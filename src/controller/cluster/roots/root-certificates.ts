import { Backoff } from '../../../base/backoff.ts'
import { reasonOf } from '../../../base/reason-of.ts'
import type { Running } from '../../../base/scope.ts'
import { ownLabels, sharedNames } from '../../../config/cluster-object-names.ts'
import { ApiFailure, isApiFailure } from '../../../kubernetes/client/api-failure.ts'
import { type ClusterClient, patchTypes } from '../../../kubernetes/client/cluster-client.ts'
import type { Reflector } from '../../../kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../../kubernetes/watch/reflector-options.ts'
import type { ClusterNamespace } from '../follow-namespaces.ts'
import { Contest } from './contest.ts'
import { followRootMaps, type RootData, type RootMap, textOfData } from './follow-root-maps.ts'
import { rootsContested, rootsUnwritten } from './health.ts'

export interface RootCertificatesParts extends ReflectorPorts {
  readonly client: ClusterClient
  /** Started and stopped by whoever else reads them. */
  readonly namespaces: Reflector<ClusterNamespace>
  /** What pods shall know now; always the same keys. */
  data(): RootData
}

/** Calls under way at a time. */
const mostCalls = 8
const retry = { minMs: 1_000, maxMs: 60_000 }
/** How long others have their way, before we try again. */
const leaveMs = 600_000

/**
 * Keeps a ConfigMap `istio-ca-root-cert` in every namespace, so that pods know whom to believe, and
 * where that one is.
 *
 * One of the replicas writes, the others only know. Where somebody undoes it again and again, as another control plane
 * does, it is left as that one wants it.
 */
export class RootCertificates implements Running {
  readonly #parts: RootCertificatesParts
  readonly #namespaces: Reflector<ClusterNamespace>
  readonly #maps: Reflector<RootMap>
  readonly #contest: Contest
  readonly #backoff: Backoff
  /** Namespaces that are to be looked at. */
  readonly #due = new Set<string>()
  readonly #busy = new Set<string>()
  /** Those into which could not be written when it was tried last. */
  readonly #failed = new Set<string>()
  #leads = false
  #isContested = false
  #cancelRetry: (() => void) | undefined
  #cancelLeave = () => {}

  constructor(parts: RootCertificatesParts) {
    this.#parts = parts
    this.#namespaces = parts.namespaces
    this.#maps = followRootMaps(Object.keys(parts.data()), parts)
    this.#contest = new Contest(parts.clock)
    this.#backoff = new Backoff(retry, parts.random)
  }

  /** Nothing is written before `lead(true)`. */
  async start(): Promise<this> {
    this.#namespaces.follow(({ put }) => this.#look(put.map(({ name }) => name)))
    this.#maps.follow(({ put, gone }) => {
      this.#look([...put, ...gone].map(({ namespace }) => namespace))
    })
    await this.#maps.start()
    return this
  }

  /** Whether this replica is the one that writes. */
  lead(leads: boolean): void {
    this.#leads = leads
    if (leads) this.refresh()
    else this.#rest()
  }

  /** The data is another. */
  refresh(): void {
    this.#look([...this.#namespaces.items().values()].map(({ name }) => name))
  }

  async stop(): Promise<void> {
    this.lead(false)
    await this.#maps.stop()
  }

  #rest(): void {
    this.#due.clear()
    this.#failed.clear()
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#endContest()
    this.#parts.health.clear(rootsUnwritten)
  }

  #look(names: readonly string[]): void {
    if (!this.#leads) return
    for (const name of names) this.#due.add(name)
    this.#goOn()
  }

  #goOn(): void {
    for (const name of this.#due) {
      if (this.#busy.size >= mostCalls) return
      if (this.#busy.has(name)) continue
      this.#due.delete(name)
      this.#busy.add(name)
      void this.#putRight(name).finally(() => {
        this.#busy.delete(name)
        this.#goOn()
      })
    }
  }

  async #putRight(namespace: string): Promise<void> {
    try {
      await this.#write(namespace)
    } catch (error) {
      if (!isPassing(error)) this.#retryLater(namespace, error)
      return
    }
    if (!this.#failed.delete(namespace) || this.#failed.size > 0) return
    this.#backoff.reset()
    this.#parts.health.clear(rootsUnwritten)
  }

  /** What is gone, as it shall be or left to others needs nothing. */
  async #write(namespace: string): Promise<void> {
    const known = this.#namespaces.items().get(`/${namespace}`)
    const data = this.#parts.data()
    const text = textOfData(data)
    const map = this.#maps.items().get(`${namespace}/${sharedNames.rootConfigMap}`)
    if (!known || known.isEnding || map?.text === text) return
    if (map && (this.#isContested || this.#contest.isLost(namespace, map.text))) {
      this.#leave(namespace)
      return
    }
    this.#contest.wrote(text)
    await (map ? this.#patch(namespace, data) : this.#create(namespace, data))
    this.#parts.log.debug({ namespace }, 'wrote root certificates')
  }

  #create(namespace: string, data: RootData): Promise<unknown> {
    const labels = { ...ownLabels, 'istio.io/config': 'true' }
    return this.#parts.client.call({
      method: 'POST',
      path: pathOf(namespace),
      body: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: sharedNames.rootConfigMap, namespace, labels },
        data,
      },
    })
  }

  #patch(namespace: string, data: RootData): Promise<unknown> {
    return this.#parts.client.call({
      method: 'PATCH',
      path: `${pathOf(namespace)}/${sharedNames.rootConfigMap}`,
      contentType: patchTypes.merge,
      body: { data },
    })
  }

  #leave(namespace: string): void {
    if (this.#isContested || !this.#leads) return
    this.#isContested = true
    this.#parts.health.set(rootsContested, `seen in namespace ${namespace}`)
    this.#cancelLeave = this.#parts.clock.after(leaveMs, () => {
      this.#endContest()
      this.refresh()
    })
  }

  #endContest(): void {
    this.#cancelLeave()
    this.#isContested = false
    this.#contest.forget()
    this.#parts.health.clear(rootsContested)
  }

  /** One wait for all, longer each time; what succeeds meanwhile does not end it. */
  #retryLater(namespace: string, error: unknown): void {
    if (!this.#leads) return
    this.#parts.health.set(rootsUnwritten, `${namespace}: ${reasonOf(error)}`)
    this.#failed.add(namespace)
    this.#cancelRetry ??= this.#parts.clock.after(this.#backoff.next(), () => {
      this.#cancelRetry = undefined
      this.#look([...this.#failed])
    })
  }
}

function pathOf(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`
}

/** The next event tells more: somebody was faster, it is gone, or its namespace is about to be. */
function isPassing(error: unknown): boolean {
  if (isApiFailure(error, 409) || isApiFailure(error, 404)) return true
  return (
    error instanceof ApiFailure && error.status === 403 && /being terminated/.test(error.message)
  )
}
