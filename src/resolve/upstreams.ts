import type { Health } from '../base/health.ts'
import type { ResolvConf } from '../config/resolv-conf.ts'
import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import { noUpstreams, upstreamLoop } from './health.ts'

/** How long a server that sent our own question back is left alone. */
const loopPauseMs = 30_000

/** Servers outside resolv.conf that are remembered, at most. */
const maxOthers = 256

export interface UpstreamsOptions {
  /** Where we listen: never an upstream. */
  readonly own: readonly SocketAddress[]
  readonly health: Health
}

/** The servers of resolv.conf and the order in which a question tries them (resolv.conf(5)). */
export class Upstreams {
  readonly #options: UpstreamsOptions
  readonly #own: ReadonlySet<string>
  #servers: readonly SocketAddress[] = []
  #conf: ResolvConf | undefined
  #turn = 0
  readonly #loopsUntil = new Map<SocketAddress, number>()
  /** One object for each address, so that a server is itself wherever it comes from. */
  readonly #known = new Map<string, SocketAddress>()

  constructor(options: UpstreamsOptions) {
    this.#options = options
    this.#own = new Set(options.own.map(formatSocketAddress))
  }

  get conf(): ResolvConf | undefined {
    return this.#conf
  }

  get servers(): readonly SocketAddress[] {
    return this.#servers
  }

  follow(conf: ResolvConf): void {
    const others = conf.nameservers.filter((server) => !this.isOwn(server))
    this.#conf = conf
    this.#servers = others.map((server) => this.intern(server))
    const { health } = this.#options
    if (this.#servers.length > 0) health.clear(noUpstreams)
    else health.set(noUpstreams, 'resolv.conf names no server but ourselves')
  }

  /** Whether we listen there. */
  isOwn(server: SocketAddress): boolean {
    return this.#own.has(formatSocketAddress(server))
  }

  /** The same object for the same address. */
  intern(server: SocketAddress): SocketAddress {
    const key = formatSocketAddress(server)
    const known = this.#known.get(key)
    if (known) return known
    if (this.#known.size >= maxOthers) this.#forgetOthers()
    this.#known.set(key, server)
    return server
  }

  /** Whom to ask, first to last, every attempt counted; servers in a loop are left out. */
  plan(nowMs: number): readonly SocketAddress[] {
    const usable = this.#servers.filter((server) => !this.isLooping(server, nowMs))
    const start = this.#conf?.rotate ? this.#turn++ % Math.max(usable.length, 1) : 0
    const order = [...usable.slice(start), ...usable.slice(0, start)]
    return Array.from({ length: this.#conf?.attempts ?? 1 }, () => order).flat()
  }

  isLooping(server: SocketAddress, nowMs: number): boolean {
    const until = this.#loopsUntil.get(server)
    if (until === undefined) return false
    if (nowMs < until) return true
    this.#loopsUntil.delete(server)
    this.#options.health.clear(upstreamLoop, formatSocketAddress(server))
    return false
  }

  markLooping(server: SocketAddress, nowMs: number): void {
    const text = formatSocketAddress(server)
    this.#loopsUntil.set(server, nowMs + loopPauseMs)
    this.#options.health.set(upstreamLoop, text, text)
  }

  #forgetOthers(): void {
    this.#known.clear()
    for (const server of this.#servers) this.#known.set(formatSocketAddress(server), server)
  }
}
