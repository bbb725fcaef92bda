import type { Clock } from '../base/clock.ts'
import { queryAnswered } from '../base/events.ts'
import type { Cell } from '../base/meters.ts'
import type { ResolvConf } from '../config/resolv-conf.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import type { NameTableDelta } from '../registry/name-record.ts'
import { extendedError } from '../wire/extended-error.ts'
import { type Message, maxMessageOctets } from '../wire/message.ts'
import { type Rcode, rcode } from '../wire/rcode.ts'
import { recordType } from '../wire/record-type.ts'
import { createQueryScan, scanQuery } from '../wire/scan.ts'
import { encodeWithin } from '../wire/truncate.ts'
import { limitOf, udpLimit } from './client-limit.ts'
import type { Client, Driver, Transport } from './driver.ts'
import type { HostNames, NamesChange } from './host-names.ts'
import type { HostTable } from './host-table.ts'
import type { LocalAnswer } from './local-records.ts'
import { MeshAnswers, type MeshAnswersPorts } from './mesh-answers.ts'
import * as meter from './meters.ts'
import { ObservedClient } from './observed-client.ts'
import type { ResolverOptions } from './options.ts'
import type { Query } from './query.ts'
import { tryReadMessage } from './read-message.ts'
import { Relayed, type RelayedPorts } from './relayed.ts'
import { bareReply, isPlainQuery, replyTo } from './reply.ts'

export type ResolverPorts = MeshAnswersPorts & RelayedPorts & { readonly clock: Pick<Clock, 'now'> }

/** Names that one ExternalName may lead to, one after the other (as CoreDNS). */
const maxLinks = 11

/**
 * Decides every answer, without I/O: octets and events in, octets and wishes (`Driver`) out.
 *
 * A query is answered from the cache, else from the mesh, else by an upstream.
 */
export class Resolver {
  readonly #options: ResolverOptions
  readonly #clock: Pick<Clock, 'now'>
  readonly #mesh: MeshAnswers
  readonly #relayed: Relayed
  readonly #scan = createQueryScan()
  readonly #requests: Cell
  readonly #fromCache: Cell
  readonly #fromMesh: Cell
  readonly #dropped: Cell

  constructor(driver: Driver, options: ResolverOptions, ports: ResolverPorts) {
    this.#options = options
    this.#clock = ports.clock
    this.#mesh = new MeshAnswers(options, ports)
    this.#relayed = new Relayed(driver, options, ports)
    const { meters } = ports
    this.#requests = meters.cell(meter.dnsRequests)
    this.#fromCache = meters.cell(meter.dnsAnswers, 'cache')
    this.#fromMesh = meters.cell(meter.dnsAnswers, 'mesh')
    this.#dropped = meters.cell(meter.dnsDropped)
    meters.reading(meter.dnsCachedAnswers, () => this.#mesh.cached)
    meters.reading(meter.dnsHosts, () => this.#mesh.table.size)
  }

  get table(): HostTable {
    return this.#mesh.table
  }

  /** Questions that wait for an upstream. */
  get pending(): number {
    return this.#relayed.forwarder.pending
  }

  /** Takes changes of the mesh; only answers that they change are forgotten. */
  updateHosts(delta: NameTableDelta): void {
    this.#mesh.update(delta)
  }

  /** Answers from names that it has in common with others; whoever updates them tells `namesChanged`. */
  useNames(names: HostNames): void {
    this.#mesh.useNames(names)
  }

  /** Names of `useNames` have changed so; only answers that this changes are forgotten. */
  namesChanged(change: NamesChange): void {
    this.#mesh.namesChanged(change)
  }

  /** Takes what is known of the cluster as a whole, once its names are in; `undefined` when nothing can be relied on. */
  setCluster(facts: ClusterFacts | undefined): void {
    this.#mesh.setCluster(facts)
  }

  /** Takes servers, search list and options of resolv.conf; questions under way are not disturbed. */
  followResolvConf(conf: ResolvConf): void {
    this.#relayed.upstreams.follow(conf)
    this.#mesh.setSearch(conf.search)
  }

  /**
   * The fast path: writes a ready-made answer into `out` and returns its length; 0 when `query` must
   * be called. Allocates nothing. While somebody listens for answers, `query` gives them all.
   */
  answer(query: Uint8Array, length: number, out: Uint8Array, transport: Transport): number {
    if (queryAnswered.hasSubscribers || this.#relayed.asksItself) return 0
    const scan = this.#scan
    if (!scanQuery(query, length, scan)) return 0
    const limit =
      transport === 'tcp' ? maxMessageOctets : udpLimit(scan.hasEdns, scan.udpPayloadOctets)
    const written = this.#mesh.ready(query, scan, out, limit)
    if (written === 0) return 0
    this.#requests.value += 1
    this.#fromCache.value += 1
    return written
  }

  /** Answers any message through its client, now or later. The octets are not kept. */
  query(octets: Uint8Array, client: Client, nowMs: number): void {
    if (octets.length < 12 || ((octets[2] ?? 0) & 0x80) !== 0) {
      this.#dropped.value += 1
      return
    }
    this.#requests.value += 1
    if (!isPlainQuery(octets)) return client.reply(bareReply(octets, rcode.NOTIMP))
    const query = this.#read(octets, client)
    if (!query) return client.reply(bareReply(octets, rcode.FORMERR))
    const { message, question } = query
    if (message.edns && message.edns.version > 0) return this.#say(query, rcode.BADVERS)
    const isTransfer = question.type === recordType.AXFR || question.type === recordType.IXFR
    if (isTransfer) return this.#say(query, rcode.REFUSED)
    if (this.#relayed.catchProbe(query, nowMs)) return
    if (this.#relayed.isOwnOnItsWay(query)) return this.#relayed.forward(query, nowMs)
    const local = this.#mesh.find(question)
    if (!local) return this.#relayed.forward(query, nowMs)
    this.#fromMesh.value += 1
    if (local.continueAt === undefined) return this.#mesh.reply(query, local)
    this.#continue(query, local, nowMs)
  }

  /** Asks the upstreams only, never the mesh: for questions of our own. */
  lookup(octets: Uint8Array, client: Client, nowMs: number): void {
    const query = this.#read(octets, client)
    if (!query) return client.reply(bareReply(octets, rcode.FORMERR))
    this.#relayed.forward({ ...query, isOwn: true }, nowMs)
  }

  /** An upstream's message arrived on a lane; `server` is the very object of the exchange. */
  received(server: SocketAddress, lane: number, octets: Uint8Array, nowMs: number): void {
    this.#relayed.forwarder.received(server, lane, octets, nowMs)
  }

  /** A lane broke: nothing that was asked on it will be answered. */
  failed(server: SocketAddress, lane: number, reason: string, nowMs: number): void {
    this.#relayed.forwarder.failed(server, lane, reason, nowMs)
  }

  tick(nowMs: number): void {
    this.#relayed.forwarder.tick(nowMs)
  }

  /** A query that can be answered at all has one question and hardly anything else. */
  #read(octets: Uint8Array, client: Client): Query | undefined {
    const message = tryReadMessage(octets)
    const question = message?.questions[0]
    if (!message || !question || hasStrayRecords(message)) return undefined
    const query = { octets, message, question, client }
    if (!queryAnswered.hasSubscribers) return query
    return { ...query, client: new ObservedClient(query, () => this.#clock.now()) }
  }

  /** From a Service of type ExternalName on: the rest from the mesh, else from upstream. */
  #continue(query: Query, local: LocalAnswer, nowMs: number): void {
    const answers = [...local.answers]
    let target = local.continueAt
    for (let links = 0; target !== undefined && links < maxLinks; links += 1) {
      const question = { ...query.question, name: target }
      const next = this.#mesh.find(question)
      if (!next) return this.#relayed.forward({ ...query, question, prefix: answers }, nowMs)
      if (next.zoneAuthority && next.answers.length === 0) return this.#sayNothing(query, local)
      answers.push(...next.answers)
      target = next.continueAt
      if (target === undefined) return this.#send(query, { ...next, answers, authoritative: true })
    }
    if (local.zoneAuthority) return this.#sayNothing(query, local)
    this.#relayed.refuse(query, { code: extendedError.OTHER, text: 'aliases lead in a circle' })
  }

  /** A cluster's chain of aliases came to nothing. */
  #sayNothing(query: Query, { zoneAuthority }: LocalAnswer): void {
    const authorities = zoneAuthority ? [zoneAuthority] : []
    this.#send(query, { rcode: rcode.NOERROR, authorities, authoritative: true })
  }

  #say(query: Query, code: Rcode): void {
    this.#send(query, { rcode: code })
  }

  #send({ message, client }: Query, parts: Parameters<typeof replyTo>[2]): void {
    const reply = replyTo(message, this.#options.udpPayloadOctets, parts)
    client.reply(encodeWithin(reply, limitOf(client, message)))
  }
}

function hasStrayRecords({ questions, answers, authorities, additionals }: Message): boolean {
  return (
    questions.length !== 1 || answers.length > 1 || authorities.length > 1 || additionals.length > 2
  )
}
