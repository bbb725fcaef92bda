import type { Socket } from 'node:net'
import type { Balancer } from '../balance/balancer.ts'
import type { RecentFailures } from '../balance/recent-failures.ts'
import type { Route, RouteEndpoint } from '../balance/route.ts'
import type { Clock } from '../base/clock.ts'
import type { Meters } from '../base/meters.ts'
import { familyOf, type IpAddress, type IpFamily } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { Hostname } from '../registry/hostname.ts'
import { dial, type OpenSocket } from './dial.ts'
import { type DialTarget, describeTarget } from './dial-target.ts'
import { connectFailures } from './meters.ts'
import type { NameCache, Resolved } from './name-cache.ts'
import { type Refusal, refusal } from './refusal.ts'

export interface Connected {
  readonly kind: 'connected'
  readonly socket: Socket
  readonly target: DialTarget
}

export type Outcome = Connected | Refusal

/** One client's wish to be connected. */
export interface Attempt {
  /** That of the address that the client dialled; names are tried in it first. */
  readonly family: IpFamily
  /** Time of the clock after which nothing more is tried. */
  readonly deadline: number
  readonly signal: AbortSignal
}

export interface ConnectorPorts {
  readonly clock: Clock
  readonly meters: Meters
  readonly balancer: Balancer
  readonly failures: RecentFailures
  readonly names: NameCache
  /** Whether dialling it would lead back into the relay. */
  readonly isForbidden: (at: SocketAddress) => boolean
  readonly openSocket?: OpenSocket | undefined
}

/** Finds something that accepts a connection: endpoint after endpoint, address after address. */
export class Connector {
  readonly #ports: ConnectorPorts
  readonly #timeoutMs: number

  constructor(ports: ConnectorPorts, timeoutMs: number) {
    this.#ports = ports
    this.#timeoutMs = timeoutMs
  }

  async throughEndpoints(route: Route, attempt: Attempt): Promise<Outcome> {
    const { balancer } = this.#ports
    let last = refusal('no_endpoints')
    for (const endpoint of balancer.candidates(route)) {
      const outcome = await this.#toEndpoint(endpoint, route, attempt)
      if (outcome.kind === 'connected') {
        balancer.worked(endpoint)
        return outcome
      }
      last = outcome
      if (attempt.signal.aborted) break
      balancer.failed(endpoint)
      if (this.#isOver(attempt)) break
    }
    return last
  }

  /** Goes to any address of a name, in turn. */
  async toName(name: Hostname, port: number, attempt: Attempt): Promise<Outcome> {
    return this.#toResolved(await this.#ports.names.resolve(name), port, attempt)
  }

  /** Goes to the first address that accepts; those that failed a short while ago come last. */
  async toAddresses(
    addresses: readonly IpAddress[],
    port: number,
    attempt: Attempt,
  ): Promise<Outcome> {
    const { failures, isForbidden } = this.#ports
    const allowed = addresses.filter((address) => !isForbidden({ address, port }))
    const isAvoided = (address: IpAddress) => failures.has(`address ${address} ${port}`)
    const sound = allowed.filter((address) => !isAvoided(address))
    let last = refusal('loop')
    for (const address of [...sound, ...allowed.filter((address) => isAvoided(address))]) {
      const outcome = await this.#toTarget({ kind: 'tcp', at: { address, port } }, attempt)
      if (outcome.kind === 'connected') {
        failures.clear(`address ${address} ${port}`)
        return outcome
      }
      last = outcome
      if (attempt.signal.aborted) break
      failures.mark(`address ${address} ${port}`)
      if (this.#isOver(attempt)) break
    }
    return last
  }

  async #toEndpoint(endpoint: RouteEndpoint, route: Route, attempt: Attempt): Promise<Outcome> {
    const { target, otherAddresses, port } = endpoint
    switch (target.kind) {
      case 'ip':
        return this.toAddresses([target.address, ...otherAddresses], port, attempt)
      case 'name': {
        const resolved = await this.#ports.names.resolve(target.name)
        // The first address of the latest look-up takes every connection; the others stand in for it.
        const staysFirst = route.resolution === 'DNS_ROUND_ROBIN'
        return this.#toResolved(staysFirst ? { ...resolved, turn: 0 } : resolved, port, attempt)
      }
      case 'unix':
        return this.#toTarget(target, attempt)
    }
  }

  async #toResolved(resolved: Resolved, port: number, attempt: Attempt): Promise<Outcome> {
    const { addresses, turn, error } = resolved
    if (addresses.length === 0) return refusal('name_not_resolved', error)
    const mine = addresses.filter((address) => familyOf(address) === attempt.family)
    const others = addresses.filter((address) => familyOf(address) !== attempt.family)
    return this.toAddresses([...rotate(mine, turn), ...rotate(others, turn)], port, attempt)
  }

  async #toTarget(target: DialTarget, attempt: Attempt): Promise<Outcome> {
    const { clock, meters, openSocket } = this.#ports
    const { signal } = attempt
    const dialled = await dial(target, { clock, timeoutMs: this.#timeoutMs, signal, openSocket })
    if (dialled.kind === 'connected') return { kind: 'connected', socket: dialled.socket, target }
    if (!signal.aborted) meters.cell(connectFailures, dialled.code).value += 1
    return refusal('endpoints_unreachable', `${describeTarget(target)}: ${dialled.code}`)
  }

  #isOver(attempt: Attempt): boolean {
    return this.#ports.clock.now() >= attempt.deadline
  }
}

function rotate<Item>(items: readonly Item[], by: number): Item[] {
  const start = items.length === 0 ? 0 : by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
