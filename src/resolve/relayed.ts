import type { Health } from '../base/health.ts'
import type { Buckets, Meters } from '../base/meters.ts'
import type { Random } from '../base/random.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { type ExtendedError, extendedError } from '../wire/extended-error.ts'
import { encodeMessage } from '../wire/message.ts'
import { nameKey } from '../wire/name.ts'
import { rcode } from '../wire/rcode.ts'
import type { ResourceRecord } from '../wire/record.ts'
import { limitOf } from './client-limit.ts'
import type { Driver } from './driver.ts'
import { Forwarder, type ForwardOutcome } from './forwarder.ts'
import { LoopGuard, suspiciousEquals, suspiciousOverdueEquals } from './loop-guard.ts'
import * as meter from './meters.ts'
import type { ResolverOptions } from './options.ts'
import { passOn } from './pass-on.ts'
import type { Query } from './query.ts'
import { replyTo } from './reply.ts'
import { Tally } from './tally.ts'
import { Upstreams } from './upstreams.ts'

export interface RelayedPorts {
  readonly meters: Meters
  readonly health: Health
  readonly random: Random
  readonly own: readonly SocketAddress[]
}

/** A query for the upstreams; `prefix` are records that go before what they answer. */
export interface RelayedQuery extends Query {
  readonly prefix?: readonly ResourceRecord[]
  /** Asked by the agent itself, for an address outside of the mesh. */
  readonly isOwn?: boolean
}

const loopDetected: ExtendedError = { code: extendedError.NETWORK_ERROR, text: 'loop detected' }

/** What resolv.conf(5) gives a server when it says nothing. */
const defaultTimeoutSeconds = 5

/** Everything that is not the mesh's: which server is asked, and what the client hears in the end. */
export class Relayed {
  readonly #options: ResolverOptions
  readonly #ports: RelayedPorts
  readonly #guard: LoopGuard
  readonly #duration: Buckets
  /** Questions under way, by name and type. */
  readonly #equals = new Tally()
  /** Names that the agent itself asks for at the moment. */
  readonly #ownNames = new Tally()
  readonly upstreams: Upstreams
  readonly forwarder: Forwarder

  constructor(driver: Driver, options: ResolverOptions, ports: RelayedPorts) {
    this.#options = options
    this.#ports = ports
    this.#guard = new LoopGuard(ports.random)
    this.#duration = ports.meters.histogram(meter.dnsUpstreamDuration)
    this.upstreams = new Upstreams(ports)
    this.forwarder = new Forwarder(driver, ports.random)
    ports.meters.reading(meter.dnsPending, () => this.forwarder.pending)
  }

  /** Asks for the question of `query.question`, which may be another than the client's. */
  forward(query: RelayedQuery, nowMs: number): void {
    if (this.forwarder.pending >= this.#options.maxPending) {
      return this.refuse(query, { code: extendedError.OTHER, text: 'too many questions waiting' })
    }
    const servers = this.#serversFor(query, nowMs)
    const isCut = servers.length === 0 && this.upstreams.servers.length > 0
    if (isCut) return this.refuse(query, loopDetected)
    const name = nameKey(query.question.name)
    const key = `${name} ${query.question.type}`
    this.#equals.add(key)
    if (query.isOwn) this.#ownNames.add(name)
    if (this.#equals.of(key) >= suspiciousEquals) this.#probe(servers, nowMs)
    this.#ports.meters.cell(meter.dnsUpstreamRequests).value += 1
    const conf = this.upstreams.conf
    const timeoutMs =
      this.#options.forwardTimeoutMs ?? (conf?.timeoutSeconds ?? defaultTimeoutSeconds) * 1_000
    this.forwarder.forward(
      {
        octets: this.#outgoing(query),
        transport: conf?.useVc ? 'tcp' : query.client.transport,
        servers,
        parallel: this.#options.forwardParallel,
        timeoutMs,
        overdue: (server, atMs) => {
          if (this.#equals.of(key) >= suspiciousOverdueEquals) this.#probe([server], atMs)
        },
        done: (outcome) => {
          this.#equals.remove(key)
          if (query.isOwn) this.#ownNames.remove(name)
          this.#reply(query, outcome)
        },
      },
      nowMs,
    )
  }

  /** SERVFAIL with the reason. */
  refuse({ message, client }: Pick<Query, 'message' | 'client'>, reason: ExtendedError): void {
    this.#ports.meters.cell(meter.dnsServfails, reason.text).value += 1
    const reply = replyTo(message, this.#options.udpPayloadOctets, {
      rcode: rcode.SERVFAIL,
      reason,
    })
    client.reply(encodeMessage(reply))
  }

  /**
   * Whether the query is a probe of ours on its way to the very server that it was sent to: then that
   * server is in a loop, and the query is answered. Any other probe is a question like others: it may have
   * come by a server that is asked through us, or be the probe of another agent.
   */
  catchProbe(query: Query, nowMs: number): boolean {
    const server = this.#guard.probed(nameKey(query.question.name).slice(0, -1))
    if (!server || !this.#serversFor(query, nowMs).includes(server)) return false
    this.upstreams.markLooping(server, nowMs)
    this.forwarder.abandon(server, 'loop detected', nowMs)
    this.refuse(query, loopDetected)
    return true
  }

  /** Whether the agent itself asks for anything at the moment. */
  get asksItself(): boolean {
    return !this.#ownNames.isEmpty
  }

  /**
   * Whether a question of our own may have come back on its way: a stub resolver is asked by us, and
   * its question is caught. The mesh must not answer it.
   */
  isOwnOnItsWay({ question, client }: Query): boolean {
    if (this.#ownNames.of(nameKey(question.name)) === 0) return false
    const meant = client.originalServer()
    if (!meant || this.upstreams.isOwn(meant)) return false
    return !this.upstreams.servers.includes(this.upstreams.intern(meant))
  }

  /** The server that the client meant, where that is neither one of ours nor we ourselves. */
  #serversFor({ client }: RelayedQuery, nowMs: number): readonly SocketAddress[] {
    const meant = client.originalServer()
    if (!meant || this.upstreams.isOwn(meant)) return this.upstreams.plan(nowMs)
    const server = this.upstreams.intern(meant)
    if (this.upstreams.servers.includes(server)) return this.upstreams.plan(nowMs)
    return this.upstreams.isLooping(server, nowMs) ? [] : [server]
  }

  #outgoing({ octets, message, question }: RelayedQuery): Uint8Array {
    const addEdns = this.upstreams.conf?.edns0 === true && message.edns === undefined
    if (question === message.questions[0] && !addEdns) return octets.slice()
    const udpPayloadOctets = this.#options.udpPayloadOctets
    const edns = message.edns ?? { udpPayloadOctets, version: 0, dnssecOk: false, options: [] }
    return encodeMessage({ ...message, questions: [question], ...(addEdns ? { edns } : {}) })
  }

  #reply(query: RelayedQuery, outcome: ForwardOutcome): void {
    const { message, client } = query
    if (outcome.kind === 'failed') {
      this.#ports.meters.cell(meter.dnsUpstreamFailures).value += 1
      const code = extendedError.NETWORK_ERROR
      return this.refuse(query, { code, text: outcome.reason })
    }
    this.#duration.observe(outcome.durationMs / 1_000)
    this.#ports.meters.cell(meter.dnsAnswers, 'upstream').value += 1
    client.reply(passOn(query, outcome.octets, limitOf(client, message)))
  }

  #probe(servers: readonly SocketAddress[], nowMs: number): void {
    for (const server of new Set(servers)) {
      const octets = this.#guard.probe(server, nowMs)
      if (!octets) continue
      const timeoutMs = 1_000
      const request = { octets, transport: 'udp', servers: [server], parallel: false } as const
      this.forwarder.forward({ ...request, timeoutMs, done() {} }, nowMs)
    }
  }
}
