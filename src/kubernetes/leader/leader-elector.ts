import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import { OneAtATime } from '../../base/one-at-a-time.ts'
import type { Random } from '../../base/random.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { ownLabels } from '../../config/cluster-object-names.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import { isApiFailure } from '../client/api-failure.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import { leaseForbidden } from './health.ts'
import { type Lease, LeaseObservation, microTime, readLease } from './lease.ts'
import type { LeaderOptions } from './options.ts'

export interface ElectorOptions extends LeaderOptions {
  readonly namespace: string
  /** Of the Lease object. */
  readonly name: string
  /** Who we are; no two replicas may be called the same. */
  readonly identity: string
}

export interface ElectorPorts {
  readonly client: Pick<ClusterClient, 'call'>
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly random: Random
}

type Method = 'GET' | 'POST' | 'PUT'

/**
 * Makes one of many replicas the leader, by a Lease (Kubernetes: coordination/v1).
 *
 * A leader that cannot renew stops leading `renewDeadlineSeconds` after it last began to; nobody else
 * begins before `leaseSeconds` have passed since then. Only the own clock counts, on both sides.
 */
export class LeaderElector implements Running {
  readonly #options: ElectorOptions
  readonly #ports: ElectorPorts
  readonly #observation = new LeaseObservation()
  readonly #followers: ((leads: boolean) => void)[] = []
  readonly #attempts = new OneAtATime(() => this.#attempt())
  /** Own clock's moment until which we may lead; 0 for one who does not. */
  #leadsUntil = 0
  #told = false
  #lease: Lease | undefined
  /** The call that we may not make, as far as was seen. */
  #denied: Method | undefined
  #cancelNext = () => {}
  #cancelEnd = () => {}
  #stopped = false

  constructor(options: ElectorOptions, ports: ElectorPorts) {
    this.#options = options
    this.#ports = ports
  }

  /** Whether we lead right now, also when a timer is late. */
  get leads(): boolean {
    return this.#ports.clock.now() < this.#leadsUntil
  }

  get identity(): string {
    return this.#options.identity
  }

  /** Calls back when we begin to lead, at once when we do already, and when we stop. */
  follow(onChange: (leads: boolean) => void): void {
    this.#followers.push(onChange)
    if (this.leads) onChange(true)
  }

  /** Resolves after the first look; goes on looking. */
  async start(): Promise<this> {
    await this.#look()
    return this
  }

  /** Lets go of the lease, so that another replica need not wait. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelNext()
    await this.#attempts.idle()
    const held = this.leads ? this.#lease : undefined
    this.#end()
    if (held) await this.#release(held)
  }

  async #look(): Promise<void> {
    await this.#attempts.run()
    if (this.#stopped) return
    const { clock, random } = this.#ports
    const jitter = 1 + (0.2 * random()) / 65_536
    this.#cancelNext = clock.after(this.#options.retrySeconds * 1_000 * jitter, () => {
      void this.#look()
    })
  }

  async #attempt(): Promise<void> {
    const { clock, log } = this.#ports
    const begun = clock.now()
    try {
      const lease = await this.#read()
      this.#lease = lease
      this.#observation.see(lease, begun)
      const isOurs = lease?.holder === this.#options.identity
      if (!isOurs) this.#end()
      if (this.#stopped || (!isOurs && this.#observation.isHeld(clock.now()))) return
      this.#lease = await this.#write(lease)
      this.#observation.see(this.#lease, begun)
      this.#lead(begun)
    } catch (error) {
      log.debug({ reason: reasonOf(error) }, 'the lease could not be renewed')
      // Somebody else was first: what it says now is looked at next time.
    }
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return readLease(await this.#call('GET'))
    } catch (error) {
      if (isApiFailure(error, 404)) return undefined
      throw error
    }
  }

  /** @throws {ApiFailure} also when the lease is not what it was. */
  async #write(before: Lease | undefined): Promise<Lease> {
    const { identity, leaseSeconds } = this.#options
    const now = microTime(this.#ports.clock.wall())
    const isOurs = before?.holder === identity
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: leaseSeconds,
      acquireTime: isOurs && before.acquireTime !== '' ? before.acquireTime : now,
      renewTime: now,
      leaseTransitions: before ? before.transitions + (isOurs ? 0 : 1) : 0,
    }
    return readLease(await this.#call(before ? 'PUT' : 'POST', this.#object(before, spec)))
  }

  async #release(held: Lease): Promise<void> {
    const now = microTime(this.#ports.clock.wall())
    // As client-go does: a second, since nobody has to wait for it any more.
    const spec = {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: held.transitions,
    }
    await this.#call('PUT', this.#object(held, spec)).catch((error: unknown) => {
      this.#ports.log.debug({ reason: reasonOf(error) }, 'the lease was not let go')
    })
  }

  #object(before: Lease | undefined, spec: object): object {
    const { namespace, name } = this.#options
    const version = before ? { resourceVersion: before.resourceVersion } : {}
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name, labels: ownLabels, ...version },
      spec,
    }
  }

  async #call(method: Method, body?: object): Promise<PlainMap> {
    const { client, health } = this.#ports
    const { namespace, name, renewDeadlineSeconds } = this.#options
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
    try {
      const answer = await client.call({
        method,
        path: method === 'POST' ? path : `${path}/${name}`,
        // An answer that comes later than this is of no use.
        signal: AbortSignal.timeout(renewDeadlineSeconds * 1_000),
        ...(body ? { body } : {}),
      })
      // Who only looks does not know whether it may write.
      if (method === this.#denied || method !== 'GET') health.clear(leaseForbidden)
      return answer
    } catch (error) {
      if (isApiFailure(error, 403)) {
        this.#denied = method
        health.set(leaseForbidden, reasonOf(error))
      }
      throw error
    }
  }

  /** We hold the lease since `begun`, or a little later. */
  #lead(begun: number): void {
    const { clock, log } = this.#ports
    const until = begun + this.#options.renewDeadlineSeconds * 1_000
    this.#cancelEnd()
    if (until <= clock.now()) {
      this.#end()
      return
    }
    this.#leadsUntil = until
    this.#cancelEnd = clock.after(until - clock.now(), () => this.#end())
    if (this.#told) return
    log.info({ name: this.#options.identity }, 'this replica leads')
    this.#tell(true)
  }

  #end(): void {
    this.#cancelEnd()
    this.#leadsUntil = 0
    if (!this.#told) return
    this.#ports.log.info({ name: this.#options.identity }, 'this replica does not lead any more')
    this.#tell(false)
  }

  #tell(leads: boolean): void {
    this.#told = leads
    for (const onChange of this.#followers) {
      try {
        onChange(leads)
      } catch (error) {
        this.#ports.log.error({ error }, 'a change of the leader was not taken')
      }
    }
  }
}
