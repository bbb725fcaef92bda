import type { Clock } from '../../base/clock.ts'
import type { ClusterFacts } from '../../registry/cluster-facts.ts'
import { typeUrls } from '../type-url.ts'
import type { ControllerTable } from './controller-table.ts'
import { type DeltaResponse, responseOfRemoved } from './decode-response.ts'
import type { DeltaRequest } from './delta-stream.ts'
import type { Versions } from './encode-request.ts'
import { type Received, type Refused, receive, refuse } from './receive.ts'
import { addressReader, clusterReader, nameTableReader } from './resource-readers.ts'
import { ResumedSync } from './resumed-sync.ts'

export interface SessionPorts {
  readonly clock: Clock
  readonly table: ControllerTable
  send(request: DeltaRequest, versions?: Versions): void
  /** The table is what the server has, from now on until the session ends. */
  onSynced(): void
  /** The server said what it knows of the cluster as a whole; the table has what it says that by. */
  onCluster(facts: ClusterFacts): void
  /** A response was taken that puts and drops so many resources. */
  onTaken(put: number, dropped: number): void
  onRefused(reason: string): void
  /** Nothing more is to be expected of the stream. */
  giveUp(reason: string): void
}

export interface SessionOptions {
  readonly fallbackAfterMs: number
  readonly silenceTimeoutMs: number
  readonly maxResources: number
  /** An earlier stream was refused for workload discovery. */
  readonly namesOnly: boolean
}

/** How our own controllers begin to call themselves. */
const ownIdentifier = 'meshdns'

/** So many names are remembered that a server is still wrong about; it may be wrong without end. */
const maxRefused = 10_000

/** What is said on one stream: subscriptions, and what becomes of each response. */
export class DiscoverySession {
  readonly #options: SessionOptions
  readonly #ports: SessionPorts
  readonly #sync: ResumedSync
  /** What was refused and did not come again in another form. */
  readonly #refused = new Set<string>()
  #server = ''
  #isSynced = false
  #hasAddresses = false
  #hasHeard = false
  #hasAskedForNames = false
  #hasAskedForCluster = false
  #cancelFallback = () => {}
  #cancelSilence = () => {}

  constructor(options: SessionOptions, ports: SessionPorts) {
    this.#options = options
    this.#ports = ports
    this.#sync = new ResumedSync(ports.table.versions.size)
  }

  /** How the server calls itself; empty when it did not say. */
  get server(): string {
    return this.#server
  }

  get isSynced(): boolean {
    return this.#isSynced
  }

  /** Whether the server answered anything. */
  get hasHeard(): boolean {
    return this.#hasHeard
  }

  /** How many resources are not as the server wants them. */
  get refused(): number {
    return this.#refused.size
  }

  /** Subscribes, and says what is here already. */
  start(): void {
    const { table, clock } = this.#ports
    this.#waitForWord()
    if (this.#options.namesOnly) {
      this.#askForNames()
      return
    }
    this.#ports.send({ typeUrl: typeUrls.address }, table.versions)
    const { fallbackAfterMs } = this.#options
    this.#cancelFallback = clock.after(fallbackAfterMs, () => this.#askForNames())
  }

  /** Takes a response, all of it or none, and answers it. */
  receive(response: DeltaResponse): void {
    this.#hasHeard = true
    this.#server = response.server ?? this.#server
    this.#waitForWord()
    if (response.typeUrl === typeUrls.address) this.#receiveAddresses(response)
    else if (response.typeUrl === typeUrls.nameTable) this.#receiveNames(response)
    else if (response.typeUrl === typeUrls.cluster) this.#receiveCluster(response)
  }

  stop(): void {
    this.#cancelFallback()
    this.#cancelSilence()
  }

  /** Once the table is whole, a server may be silent for as long as nothing changes. */
  #waitForWord(): void {
    this.#cancelSilence()
    if (this.#isSynced) return
    const { silenceTimeoutMs } = this.#options
    this.#cancelSilence = this.#ports.clock.after(silenceTimeoutMs, () =>
      this.#ports.giveUp('it says nothing more'),
    )
  }

  #receiveAddresses(response: DeltaResponse): void {
    const { table } = this.#ports
    this.#cancelFallback()
    const received = this.#limited(receive(response, addressReader), response)
    if (received.kind === 'refused') {
      this.#refuse(received)
      return
    }
    const { put, drop, ack } = received
    const isLast = !response.moreToCome
    if (put.length > 0) this.#hasAddresses = true
    if (!this.#isSynced) this.#mention(put)
    if (this.#saysNothing(isLast)) {
      this.#ports.send(ack)
      this.#askForNames()
      return
    }
    table.takeAddresses({ put, drop, response }, isLast)
    this.#ports.send(ack)
    this.#took(
      put.map(({ name }) => name),
      drop,
    )
    if (isLast && !this.#isSynced) this.#finishSync()
  }

  /** Whether it may be somebody who knows the type, and never has anything of it. */
  #saysNothing(isLast: boolean): boolean {
    return !this.#isSynced && isLast && !this.#hasAddresses && !this.#isOwn()
  }

  #receiveNames(response: DeltaResponse): void {
    const received = receive(response, nameTableReader)
    if (received.kind === 'refused') {
      this.#refuse(received)
      return
    }
    this.#ports.send(received.ack)
    const [first] = received.put
    // Whoever serves workload discovery is only slow to begin.
    if (!first || this.#hasAddresses || this.#isOwn()) return
    this.#cancelFallback()
    this.#ports.table.takeNames(first.resource, response)
    this.#took([first.name], [])
    this.#setSynced()
  }

  #receiveCluster(response: DeltaResponse): void {
    const received = receive(response, clusterReader)
    if (received.kind === 'refused') {
      this.#refuse(received)
      return
    }
    this.#ports.send(received.ack)
    const [first] = received.put
    if (first && this.#isSynced && this.#hasAskedForCluster) this.#ports.onCluster(first.resource)
  }

  #mention(put: readonly { readonly name: string; readonly version: string }[]): void {
    if (this.#isOwn()) return
    const { versions } = this.#ports.table
    for (const { name, version } of put) {
      this.#sync.mention(name, { version, held: versions.get(name) })
    }
  }

  #finishSync(): void {
    const { table } = this.#ports
    const drop = this.#sync.gone(table.versions.keys())
    if (drop.length > 0) {
      table.takeAddresses({ put: [], drop, response: responseOfRemoved(drop) }, true)
    }
    this.#setSynced()
    if (!this.#isOwn()) return
    this.#hasAskedForCluster = true
    this.#ports.send({ typeUrl: typeUrls.cluster })
  }

  #setSynced(): void {
    this.#isSynced = true
    this.#cancelSilence()
    this.#ports.onSynced()
  }

  #took(put: readonly string[], dropped: readonly string[]): void {
    if (this.#refused.size > 0) for (const name of [...put, ...dropped]) this.#refused.delete(name)
    this.#ports.onTaken(put.length, dropped.length)
  }

  #refuse({ nack, reason, names }: Refused): void {
    for (const name of names) {
      if (this.#refused.size >= maxRefused) break
      this.#refused.add(name)
    }
    this.#ports.send(nack)
    this.#ports.onRefused(reason)
  }

  /** As it was received, unless it is more than we hold. */
  #limited<R>(received: Received<R>, response: DeltaResponse): Received<R> {
    if (received.kind === 'refused') return received
    const { maxResources } = this.#options
    const { versions } = this.#ports.table
    const room = maxResources - versions.size + received.drop.length
    if (received.put.length <= room) return received
    const came = received.put.filter(({ name }) => !versions.has(name))
    if (came.length <= room) return received
    return refuse(response, `more than ${maxResources} resources (controller.maxResources)`)
  }

  #askForNames(): void {
    if (this.#hasAskedForNames) return
    this.#hasAskedForNames = true
    this.#ports.send({ typeUrl: typeUrls.nameTable })
  }

  #isOwn(): boolean {
    return this.#server.startsWith(ownIdentifier)
  }
}
