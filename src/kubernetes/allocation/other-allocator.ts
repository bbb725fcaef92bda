import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { sharedNames } from '../../config/cluster-object-names.ts'
import { isPlainMap, mapsAt } from '../../documents/plain-map.ts'
import { isApiFailure } from '../client/api-failure.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import { LeaseObservation, readLease } from '../leader/lease.ts'

export interface OtherAllocatorOptions {
  /** Where it is looked for; empty for everywhere. */
  readonly istiodNamespace: string
  /** Where it is looked for when we may not look everywhere. */
  readonly namespace: string
}

export interface OtherAllocatorPorts {
  readonly client: Pick<ClusterClient, 'call'>
  readonly clock: Clock
  readonly log: Log
}

/** As often as istiod renews. */
const lookMs = 7_500

/**
 * Says whether an istiod gives out addresses in the cluster, by its lease and our clock.
 *
 * Time in which the cluster does not say anything does not count: a lease that was held before is held.
 */
export class OtherAllocator implements Running {
  readonly #options: OtherAllocatorOptions
  readonly #ports: OtherAllocatorPorts
  /** By namespace. */
  #leases = new Map<string, { readonly holder: string; readonly observation: LeaseObservation }>()
  readonly #followers: (() => void)[] = []
  #isNarrow = false
  /** When the last look began that showed something; `undefined` before the first. */
  #lookedAt: number | undefined
  #cancel = () => {}
  #stopped = false

  constructor(options: OtherAllocatorOptions, ports: OtherAllocatorPorts) {
    this.#options = options
    this.#ports = ports
  }

  /** Who it is, as `NAMESPACE/HOLDER`; `undefined` when nobody is known to be there. */
  get found(): string | undefined {
    if (this.#lookedAt === undefined) return undefined
    for (const [namespace, { holder, observation }] of this.#leases) {
      if (observation.isHeld(this.#lookedAt)) return `${namespace}/${holder}`
    }
    return undefined
  }

  /** Whether nobody is there, as far as we may see. */
  get isAway(): boolean {
    return this.#lookedAt !== undefined && this.found === undefined
  }

  /** Calls back after each look. */
  follow(onLook: () => void): void {
    this.#followers.push(onLook)
  }

  /** Resolves after the first look. */
  async start(): Promise<this> {
    await this.#look()
    return this
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
  }

  async #look(): Promise<void> {
    const { clock, log } = this.#ports
    const begun = clock.now()
    try {
      await this.#readWhatWeMay(begun)
      this.#lookedAt = begun
    } catch (error) {
      log.debug({ reason: reasonOf(error) }, 'leases of others could not be read')
      // Whoever may not look has to take it that nobody is there.
      if (isApiFailure(error, 403)) this.#lookedAt = begun
    }
    if (this.#stopped) return
    for (const onLook of this.#followers) onLook()
    this.#cancel = clock.after(lookMs, () => void this.#look())
  }

  async #readWhatWeMay(now: number): Promise<void> {
    try {
      await this.#read(now)
    } catch (error) {
      const isWide = !this.#isNarrow && this.#options.istiodNamespace === ''
      if (!isWide || !isApiFailure(error, 403)) throw error
      this.#isNarrow = true
      await this.#read(now)
    }
  }

  async #read(now: number): Promise<void> {
    const { istiodNamespace, namespace } = this.#options
    const place = istiodNamespace === '' && this.#isNarrow ? namespace : istiodNamespace
    const folder = place === '' ? '' : `/namespaces/${encodeURIComponent(place)}`
    const list = await this.#ports.client.call({
      path: `/apis/coordination.k8s.io/v1${folder}/leases`,
      query: { fieldSelector: `metadata.name=${sharedNames.istiodLease}`, limit: 100 },
    })
    const before = this.#leases
    this.#leases = new Map()
    for (const item of mapsAt(list, 'items')) {
      const { metadata } = item
      if (!isPlainMap(metadata)) continue
      const lease = readLease(item)
      const key = String(metadata['namespace'])
      const observation = before.get(key)?.observation ?? new LeaseObservation()
      observation.see(lease, now)
      this.#leases.set(key, { holder: lease.holder, observation })
    }
  }
}
