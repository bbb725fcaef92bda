import type { Clock } from '../../base/clock.ts'
import { octetsOf, tryParseIp, unmapIp } from '../../ip/address.ts'
import type { XdsLimitOptions } from './options.ts'
import type { RefusalReason } from './refusals.ts'

/** What is known of everybody at one address. */
interface Caller {
  open: number
  /** How many connections it may make at once. */
  tokens: number
  refilledAt: number
}

/** From how many addresses on those that are at rest are forgotten. */
const tidyAbove = 10_000

/** Lets connections in, as many as there may be in all, of one address, and in one second. */
export class ConnectionGate {
  readonly #clock: Clock
  readonly #limits: XdsLimitOptions
  readonly #callers = new Map<string, Caller>()
  #open = 0

  constructor(clock: Clock, limits: XdsLimitOptions) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Says why not, or counts a connection in; the caller calls `leave` with the same address when it closes. */
  enter(address: string): RefusalReason | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits
    if (this.#open >= maxConnections) return 'too_many_connections'
    const caller = this.#callerAt(networkOf(address))
    if (caller.open >= maxConnectionsPerAddress) return 'too_many_connections_of_address'
    if (caller.tokens < 1) return 'too_many_new_connections_of_address'
    caller.tokens -= 1
    caller.open += 1
    this.#open += 1
    return undefined
  }

  leave(address: string): void {
    this.#open -= 1
    const caller = this.#callers.get(networkOf(address))
    if (caller) caller.open -= 1
  }

  #callerAt(network: string): Caller {
    const now = this.#clock.now()
    const { newConnectionsBurst, newConnectionsPerSecond } = this.#limits
    const known = this.#callers.get(network)
    const caller = known ?? { open: 0, tokens: newConnectionsBurst, refilledAt: now }
    const gained = ((now - caller.refilledAt) / 1_000) * newConnectionsPerSecond
    caller.tokens = Math.min(newConnectionsBurst, caller.tokens + gained)
    caller.refilledAt = now
    if (!known) {
      if (this.#callers.size >= tidyAbove) this.#tidy(now)
      this.#callers.set(network, caller)
    }
    return caller
  }

  /** Forgets those of whom nothing is left to know. */
  #tidy(now: number): void {
    const { newConnectionsBurst, newConnectionsPerSecond } = this.#limits
    const fullAfterMs = (newConnectionsBurst / newConnectionsPerSecond) * 1_000
    for (const [network, { open, refilledAt }] of this.#callers) {
      if (open === 0 && now - refilledAt >= fullAfterMs) this.#callers.delete(network)
    }
  }
}

/** An IPv4 address itself; the 64 bits of an IPv6 one that a single customer has at least. */
function networkOf(text: string): string {
  const address = tryParseIp(text.replace(/%.*$/, ''))
  if (address === undefined) return text
  const plain = unmapIp(address)
  return plain.includes(':') ? octetsOf(plain).subarray(0, 8).join() : plain
}
