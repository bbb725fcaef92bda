import type { Random } from '../base/random.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { Deadlines, type Waiting } from './deadlines.ts'
import { type Driver, type Exchange, type Transport, udpLanes } from './driver.ts'
import { judgeReply } from './judge-reply.ts'

export interface ForwardRequest {
  /** The query; its ID is replaced. Not changed, not kept beyond `done`. */
  readonly octets: Uint8Array
  readonly transport: Transport
  /** Whom to ask, first to last. */
  readonly servers: readonly SocketAddress[]
  /** Ask them all at once. */
  readonly parallel: boolean
  readonly timeoutMs: number
  /** Called for each server that did not reply in time. */
  overdue?(server: SocketAddress, nowMs: number): void
  /** Called once. A reply's octets are the receiver's. */
  done(outcome: ForwardOutcome): void
}

export type ForwardOutcome =
  | { readonly kind: 'reply'; readonly octets: Uint8Array; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly reason: string }

/** A request under way. */
interface Pending {
  readonly request: ForwardRequest
  readonly startedMs: number
  readonly attempts: Set<Attempt>
  /** Attempts that may still be in time. */
  live: number
  /** Place in `request.servers` of the next to be asked. */
  next: number
  /** Servers that said no: they are not asked again. */
  readonly refusedBy: Set<SocketAddress>
  /** The best so far: a refusal or a truncated reply, better than nothing. */
  fallback: ForwardOutcome | undefined
  lastFailure: string
}

interface Attempt extends Waiting {
  readonly pending: Pending
  readonly exchange: Exchange
  readonly id: number
  overdue: boolean
}

/**
 * Carries questions to servers until one gives a good reply: the next server on time-out, transport
 * error, SERVFAIL or REFUSED; TCP when a reply is truncated. A late reply still counts.
 */
export class Forwarder {
  readonly #driver: Driver
  readonly #random: Random
  /** Attempts by server, lane and ID: a reply that matches none of them is nobody's. */
  readonly #lanes = new Map<SocketAddress, Map<number, Map<number, Attempt>>>()
  readonly #waiting = new Deadlines<Attempt>()
  readonly #pending = new Set<Pending>()
  #tcpLane = udpLanes
  #wakeAtMs = Number.POSITIVE_INFINITY

  constructor(driver: Driver, random: Random) {
    this.#driver = driver
    this.#random = random
  }

  get pending(): number {
    return this.#pending.size
  }

  forward(request: ForwardRequest, nowMs: number): void {
    const pending: Pending = {
      request,
      startedMs: nowMs,
      attempts: new Set(),
      live: 0,
      next: 0,
      refusedBy: new Set(),
      fallback: undefined,
      lastFailure: 'no server to ask',
    }
    this.#pending.add(pending)
    this.#advance(pending, nowMs)
    const distinct = new Set(request.servers).size
    while (request.parallel && pending.next < distinct && this.#pending.has(pending)) {
      this.#advance(pending, nowMs)
    }
  }

  received(server: SocketAddress, lane: number, octets: Uint8Array, nowMs: number): void {
    const id = ((octets[0] ?? 0) << 8) | (octets[1] ?? 0)
    const attempt = this.#lanes.get(server)?.get(lane)?.get(id)
    if (!attempt) return
    const { pending, exchange } = attempt
    const durationMs = nowMs - pending.startedMs
    const reply: ForwardOutcome = { kind: 'reply', octets, durationMs }
    switch (judgeReply(exchange.octets, octets)) {
      case 'stranger':
        return
      case 'good':
        return this.#finish(pending, reply)
      case 'refused':
        pending.refusedBy.add(server)
        pending.fallback = reply
        return this.#fail(attempt, 'the server failed or refused', nowMs)
      case 'truncated':
        if (exchange.transport === 'tcp') return this.#finish(pending, reply)
        pending.fallback = reply
        this.#send(pending, { server, transport: 'tcp' }, nowMs)
        return this.#fail(attempt, 'truncated', nowMs)
    }
  }

  failed(server: SocketAddress, lane: number, reason: string, nowMs: number): void {
    const attempts = this.#lanes.get(server)?.get(lane)
    for (const attempt of Array.from(attempts?.values() ?? [])) this.#fail(attempt, reason, nowMs)
  }

  /** Gives up on a server: whoever waits for it asks the next one. */
  abandon(server: SocketAddress, reason: string, nowMs: number): void {
    for (const attempts of Array.from(this.#lanes.get(server)?.values() ?? [])) {
      for (const attempt of Array.from(attempts.values())) {
        attempt.pending.refusedBy.add(server)
        this.#fail(attempt, reason, nowMs)
      }
    }
  }

  tick(nowMs: number): void {
    this.#wakeAtMs = Number.POSITIVE_INFINITY
    for (const attempt of this.#waiting.takeDue(nowMs)) {
      // What came before may have ended its request.
      if (!attempt.pending.attempts.has(attempt)) continue
      attempt.overdue = true
      attempt.pending.lastFailure = 'no reply in time'
      attempt.pending.request.overdue?.(attempt.exchange.server, nowMs)
      this.#retire(attempt.pending, nowMs)
    }
    this.#wake()
  }

  #advance(pending: Pending, nowMs: number): void {
    const { servers, transport } = pending.request
    while (pending.next < servers.length) {
      const server = servers[pending.next]
      pending.next += 1
      if (!server || pending.refusedBy.has(server)) continue
      return this.#send(pending, { server, transport }, nowMs)
    }
    if (pending.live > 0) return
    this.#finish(pending, pending.fallback ?? { kind: 'failed', reason: pending.lastFailure })
  }

  #send(
    pending: Pending,
    { server, transport }: { server: SocketAddress; transport: Transport },
    nowMs: number,
  ): void {
    const lane = transport === 'udp' ? this.#random() % udpLanes : this.#nextTcpLane()
    const attempts = this.#attemptsOn(server, lane)
    let id = this.#random()
    while (attempts.has(id)) id = (id + 1) & 0xffff
    const octets = pending.request.octets.slice()
    octets[0] = id >> 8
    octets[1] = id & 0xff
    const exchange: Exchange = { server, transport, lane, octets }
    const { timeoutMs } = pending.request
    const attempt: Attempt = {
      pending,
      exchange,
      id,
      deadlineMs: nowMs + timeoutMs,
      timeoutMs,
      overdue: false,
    }
    attempts.set(id, attempt)
    pending.attempts.add(attempt)
    pending.live += 1
    this.#waiting.add(attempt)
    this.#driver.ask(exchange)
    this.#wake()
  }

  #fail(attempt: Attempt, reason: string, nowMs: number): void {
    const { pending } = attempt
    pending.lastFailure = reason
    this.#remove(attempt)
    if (!attempt.overdue) this.#retire(pending, nowMs)
  }

  /** One attempt less that may be in time. */
  #retire(pending: Pending, nowMs: number): void {
    pending.live -= 1
    if (pending.live === 0) this.#advance(pending, nowMs)
  }

  #finish(pending: Pending, outcome: ForwardOutcome): void {
    for (const attempt of pending.attempts) this.#remove(attempt)
    this.#pending.delete(pending)
    pending.request.done(outcome)
  }

  #remove(attempt: Attempt): void {
    const { pending, exchange, id } = attempt
    const lanes = this.#lanes.get(exchange.server)
    const attempts = lanes?.get(exchange.lane)
    attempts?.delete(id)
    if (attempts?.size === 0) lanes?.delete(exchange.lane)
    if (lanes?.size === 0) this.#lanes.delete(exchange.server)
    pending.attempts.delete(attempt)
    this.#waiting.drop(attempt)
    this.#driver.forget(exchange)
  }

  #attemptsOn(server: SocketAddress, lane: number): Map<number, Attempt> {
    const lanes = this.#lanes.get(server) ?? new Map<number, Map<number, Attempt>>()
    this.#lanes.set(server, lanes)
    const attempts = lanes.get(lane) ?? new Map<number, Attempt>()
    lanes.set(lane, attempts)
    return attempts
  }

  #nextTcpLane(): number {
    this.#tcpLane = this.#tcpLane >= 0x3fffffff ? udpLanes : this.#tcpLane + 1
    return this.#tcpLane
  }

  #wake(): void {
    const nextMs = this.#waiting.nextMs()
    if (nextMs >= this.#wakeAtMs) return
    this.#wakeAtMs = nextMs
    this.#driver.wakeAt(nextMs)
  }
}
