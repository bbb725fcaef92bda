import { Health } from '../base/health.ts'
import { Meters } from '../base/meters.ts'
import { parseResolvConf, type ResolvConf } from '../config/resolv-conf.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { NameRecord } from '../registry/name-record.ts'
import type { Driver, Exchange, Transport } from '../resolve/driver.ts'
import { ResolverOptions } from '../resolve/options.ts'
import { Resolver } from '../resolve/resolver.ts'
import type { Edns } from '../wire/edns.ts'
import { decodeMessage, encodeMessage, type Message } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import { queryOf } from '../wire/query.ts'
import { recordClass } from '../wire/record-class.ts'
import { parseRecordType } from '../wire/record-type.ts'
import { FakeClock } from './fake-clock.ts'

export interface RigOptions {
  readonly hosts?: readonly NameRecord[]
  readonly resolvConf?: string
  readonly resolver?: Partial<ResolverOptions>
  readonly own?: readonly SocketAddress[]
}

export interface AskOptions {
  readonly transport?: Transport
  readonly edns?: Partial<Edns>
  readonly id?: number
  /** The server that the client meant. */
  readonly original?: SocketAddress
}

/** A resolver with a clock that stands still, a driver that only takes notes, and a client. */
export class ResolverRig implements Driver {
  readonly clock = new FakeClock()
  readonly meters = new Meters()
  readonly health = new Health()
  readonly resolver: Resolver
  /** What was asked of upstreams and not forgotten since, oldest first. */
  readonly open: Exchange[] = []
  /** All that was ever asked. */
  readonly asked: Exchange[] = []
  #cancelWake = () => {}
  #seed = 1

  constructor(options: RigOptions = {}) {
    const { hosts = [], own = [] } = options
    this.resolver = new Resolver(this, ResolverOptions.parse(options.resolver ?? {}), {
      clock: this.clock,
      meters: this.meters,
      health: this.health,
      random: () => this.#random(),
      own,
      virtualPrefixes: [parsePrefix('240.240.0.0/16'), parsePrefix('2001:2::/48')],
    })
    this.resolvConf(options.resolvConf ?? 'nameserver 192.0.2.53\n')
    this.resolver.updateHosts({ put: hosts, drop: [] })
  }

  resolvConf(text: string): ResolvConf {
    const conf = parseResolvConf(text)
    this.resolver.followResolvConf(conf)
    return conf
  }

  ask(exchange: Exchange): void {
    this.open.push(exchange)
    this.asked.push(exchange)
  }

  forget(exchange: Exchange): void {
    const at = this.open.indexOf(exchange)
    if (at >= 0) this.open.splice(at, 1)
  }

  wakeAt(timeMs: number): void {
    this.#cancelWake()
    const tick = () => this.resolver.tick(this.clock.now())
    this.#cancelWake = this.clock.after(Math.max(0, timeMs - this.clock.now()), tick)
  }

  /** Asks as a client does, `NAME TYPE`; what it hears is added to the result, now or later. */
  query(question: string, options: AskOptions = {}): Message[] {
    const replies: Message[] = []
    this.send(queryOctets(question, options), options, (octets) =>
      replies.push(decodeMessage(octets)),
    )
    return replies
  }

  /** Asks and expects the answer at once. */
  answer(question: string, options: AskOptions = {}): Message {
    const [reply] = this.query(question, options)
    if (!reply) throw new Error(`no answer to ${question}`)
    return reply
  }

  send(octets: Uint8Array, options: AskOptions, reply: (octets: Uint8Array) => void): void {
    const { transport = 'udp', original } = options
    const out = new Uint8Array(65_535)
    const length = this.resolver.answer(octets, octets.length, out, transport)
    if (length > 0) return reply(out.slice(0, length))
    const client = { transport, describe: () => 'rig', originalServer: () => original, reply }
    this.resolver.query(octets, client, this.clock.now())
  }

  /** Replies to the oldest open exchange, or the one given. */
  upstream(parts: Partial<Message>, exchange: Exchange | undefined = this.open[0]): void {
    if (!exchange) throw new Error('nothing was asked of an upstream')
    const asked = decodeMessage(exchange.octets)
    const reply = { ...asked, response: true, recursionAvailable: true, ...parts }
    this.received(exchange, encodeMessage(reply))
  }

  received(exchange: Exchange, octets: Uint8Array): void {
    this.resolver.received(exchange.server, exchange.lane, octets, this.clock.now())
  }

  /** Repeatable and evenly spread (a linear congruence), not unpredictable. */
  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return (this.#seed >> 12) & 0xffff
  }
}

export function queryOctets(question: string, options: AskOptions = {}): Uint8Array {
  const [name = '', type = 'A'] = question.split(' ')
  const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options: [] }
  const asked = { name: parseName(name), type: parseRecordType(type), class: recordClass.IN }
  const id = options.id ?? 4711
  const own = options.edns ? { edns: { ...edns, ...options.edns } } : {}
  return encodeMessage(queryOf(asked, { id, ...own }))
}
