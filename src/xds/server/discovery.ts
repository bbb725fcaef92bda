import { randomBytes } from 'node:crypto'
import { type ServerDuplexStream, status } from '@grpc/grpc-js'
import { type PeerCall, peerCredentialsOf } from '../../rpc/peer-credentials.ts'
import type { SpiffeId } from '../../rpc/spiffe-id.ts'
import type { ResourceChange } from '../../translate/discovery/resource.ts'
import { typeUrls } from '../type-url.ts'
import { AddressCollection } from './address-collection.ts'
import { ChangeMarks } from './change-marks.ts'
import { Debounce } from './debounce.ts'
import type { EncodedResponse } from './encoded-response.ts'
import { xdsProxyRefuses } from './health.ts'
import {
  xdsConvergence,
  xdsPushes,
  xdsReceipts,
  xdsRemembered,
  xdsResources,
  xdsResponseOctets,
  xdsResponses,
  xdsStreams,
} from './meters.ts'
import {
  type AnyOpenStream,
  type OpeningRequest,
  OpenStream,
  type OpenStreamPorts,
} from './open-stream.ts'
import type { XdsServerOptions } from './options.ts'
import type { XdsServerPorts } from './ports.ts'
import { type ProxyStatus, statusOf } from './proxy-status.ts'
import { PushQueue } from './push-queue.ts'
import type { Refusals } from './refusals.ts'
import { identify } from './stream-identity.ts'
import { TableHashes } from './table-hashes.ts'
import type { Variant } from './variant.ts'
import type { Watch } from './watch.ts'
import type { WatchReceipt } from './xds-stream.ts'

/** How often streams are looked at that say nothing. */
const sweepMs = 1_000

/** Everything that can be discovered, and all streams that discover it. */
export class Discovery {
  readonly #options: XdsServerOptions
  readonly #ports: XdsServerPorts
  readonly #refusals: Refusals
  readonly #collection: AddressCollection
  readonly #hashes: TableHashes
  readonly #marks = new ChangeMarks()
  readonly #streams = new Set<AnyOpenStream>()
  /** Those that refused the last response of some type. */
  readonly #refusing = new Set<AnyOpenStream>()
  readonly #queue: PushQueue
  readonly #debounce: Debounce
  readonly #instance = randomBytes(3).toString('hex')
  /** What changed besides resources since the last push. */
  #tablesChanged = false
  #scopesChanged = false
  #opened = 0
  #cancelSweep = () => {}

  constructor(options: XdsServerOptions, ports: XdsServerPorts, refusals: Refusals) {
    this.#options = options
    this.#ports = ports
    this.#refusals = refusals
    this.#collection = new AddressCollection(options.pageOctets)
    this.#hashes = new TableHashes(this.#collection)
    this.#queue = new PushQueue(ports.clock)
    const { pushQuietMs: quietMs, pushMaxDelayMs: maxDelayMs } = options
    this.#debounce = new Debounce(ports.clock, { quietMs, maxDelayMs }, () => this.#push())
    ports.meters.reading(xdsResources, () => this.#collection.size)
    ports.meters.reading(xdsRemembered, () => this.#collection.remembered)
    this.#sweepLater()
  }

  publish(change: ResourceChange): void {
    const before = this.#collection.revision
    this.#collection.apply(change)
    if (this.#collection.revision === before) return
    this.#marks.mark(this.#collection.revision, this.#ports.clock.now())
    this.#debounce.touch()
  }

  singlesChanged(): void {
    this.#tablesChanged = true
    this.#debounce.touch()
  }

  scopesChanged(): void {
    this.#scopesChanged = true
    this.#debounce.touch()
  }

  proxies(): readonly ProxyStatus[] {
    const { clock } = this.#ports
    const parts = {
      now: clock.now(),
      revision: this.#collection.revision,
      marks: this.#marks,
      tableHashOf: (proxy: ProxyStatus['proxy']) => this.#hashes.hashOf(this.#ports.scopeOf(proxy)),
    }
    return [...this.#streams].flatMap((stream) => statusOf(stream, parts) ?? [])
  }

  /** Takes a call of the discovery service. */
  open<Request extends OpeningRequest>(
    call: ServerDuplexStream<Request, EncodedResponse>,
    variant: Variant<Request>,
    isPlaintext: boolean,
  ): void {
    const address = call.getPeer()
    call.on('error', () => {})
    if (this.#streams.size >= this.#options.limits.maxStreams) {
      this.#refusals.tell('too_many_streams', { client: address })
      const details = 'the controller has as many streams as it may have'
      call.emit('error', { code: status.RESOURCE_EXHAUSTED, details })
      return
    }
    void this.#begin(call, variant, isPlaintext)
  }

  /** Tells every stream to go. */
  stop(): void {
    this.#debounce.stop()
    this.#cancelSweep()
    for (const stream of this.#streams) stream.end(status.UNAVAILABLE, 'the controller stops')
  }

  async #begin<Request extends OpeningRequest>(
    call: ServerDuplexStream<Request, EncodedResponse>,
    variant: Variant<Request>,
    isPlaintext: boolean,
  ): Promise<void> {
    this.#opened += 1
    const unknown = { id: `${this.#instance}-${this.#opened}`, address: call.getPeer() }
    const ports = this.#streamPorts(variant.name)
    try {
      const { authenticator } = this.#ports
      const identity = isPlaintext ? {} : await identified(authenticator, call)
      if (call.cancelled) return
      const connection = { ...unknown, ...identity }
      this.#streams.add(new OpenStream(call, { connection, variant }, ports))
      this.#ports.meters.cell(xdsStreams, variant.name).value += 1
    } catch (error) {
      new OpenStream(call, { connection: unknown, variant }, ports).refuse(error)
    }
  }

  #streamPorts(variant: string): OpenStreamPorts {
    const { clock, log, followers, meters } = this.#ports
    const { identityCheck, pageOctets, limits } = this.#options
    return {
      clock,
      log,
      refusals: this.#refusals,
      followers,
      identityCheck,
      addresses: { collection: this.#collection, maxNames: limits.maxNamesPerStream, pageOctets },
      scopeOf: (proxy) => this.#ports.scopeOf(proxy),
      nameTableOf: (proxy) => this.#ports.nameTableOf(proxy),
      clusterOf: (proxy) => this.#ports.clusterOf?.(proxy),
      onDue: (stream) => this.#queue.add(stream),
      onReceipt: (stream, watch, receipt) => this.#received(stream, watch, receipt),
      onSent: (octets) => {
        meters.cell(xdsResponses).value += 1
        meters.cell(xdsResponseOctets).value += octets
      },
      onClosed: (stream) => {
        if (this.#streams.delete(stream)) meters.cell(xdsStreams, variant).value -= 1
        this.#queue.remove(stream)
        this.#stopRefusing(stream)
      },
    }
  }

  #push(): void {
    this.#ports.meters.cell(xdsPushes).value += 1
    for (const stream of this.#streams) {
      if (this.#scopesChanged) stream.rescope()
      if (this.#tablesChanged || this.#scopesChanged) stream.notice({ tables: true })
      this.#queue.add(stream)
    }
    this.#scopesChanged = false
    this.#tablesChanged = false
  }

  #received(
    stream: AnyOpenStream,
    { exchange, typeUrl }: Watch<never>,
    receipt: WatchReceipt,
  ): void {
    const { meters, clock, health } = this.#ports
    meters.cell(xdsReceipts, receipt.reception).value += 1
    if (receipt.reception === 'nack') {
      const { address: client } = stream.connection
      const name = stream.greeted?.proxy.id ?? ''
      const reason = exchange.refused?.reason ?? ''
      this.#refusals.tellOfNack({ client, name, type: typeUrl, reason })
      this.#refusing.add(stream)
      health.set(xdsProxyRefuses, `${name}: ${reason}`)
      return
    }
    this.#stopRefusing(stream)
    if (typeUrl !== typeUrls.address || receipt.ackedBefore === undefined) return
    const changedAt = this.#marks.firstAfter(Number(receipt.ackedBefore))
    if (changedAt === undefined || stream.variant.name !== 'delta') return
    meters.histogram(xdsConvergence).observe((clock.now() - changedAt) / 1_000)
  }

  #stopRefusing(stream: AnyOpenStream): void {
    const watches = [...(stream.greeted?.stream.watches ?? [])]
    const isOpen = this.#streams.has(stream)
    if (isOpen && watches.some(({ exchange }) => exchange.refusedLast)) return
    if (this.#refusing.delete(stream) && this.#refusing.size === 0) {
      this.#ports.health.clear(xdsProxyRefuses)
    }
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#ports.clock.after(sweepMs, () => {
      this.#sweep()
      this.#sweepLater()
    })
  }

  /** Ends streams that do not acknowledge, and forgets what no stream needs any more. */
  #sweep(): void {
    const latest = this.#ports.clock.now() - this.#options.ackTimeoutMs
    let needed = this.#collection.revision
    for (const stream of this.#streams) {
      const watches = [...(stream.greeted?.stream.watches ?? [])]
      const isStuck = watches.some(
        ({ exchange }) => exchange.isWaiting && (exchange.sent?.at ?? 0) < latest,
      )
      if (isStuck) this.#endStuck(stream)
      else needed = Math.min(needed, stream.greeted?.stream.needs ?? needed)
    }
    this.#collection.forgetUpTo(needed)
    this.#collection.dropUnusedPages()
  }

  #endStuck(stream: AnyOpenStream): void {
    const { address: client } = stream.connection
    const name = stream.greeted?.proxy.id ?? ''
    this.#refusals.tell('not_acknowledged', { client, name })
    stream.end(status.DEADLINE_EXCEEDED, 'a response was not acknowledged in time')
  }
}

async function identified(
  authenticator: XdsServerPorts['authenticator'],
  call: PeerCall,
): Promise<{ readonly identity: SpiffeId }> {
  return { identity: await identify(authenticator, peerCredentialsOf(call)) }
}
