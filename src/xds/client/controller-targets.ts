import { CodedError } from '../../base/coded-error.ts'
import type { Random } from '../../base/random.ts'
import { type IpAddress, tryParseIp } from '../../ip/address.ts'
import type { ServerAddress } from '../../rpc/channel.ts'
import { splitAddress } from './controller-address.ts'

/** One address of one of the controllers. */
export interface ControllerTarget extends ServerAddress {
  /** Its host as the options have it: what its certificate is for. */
  readonly host: string
}

export interface TargetPorts {
  readonly random: Random
  /**
   * The addresses of a controller's name, as the world outside of the mesh knows them.
   * @throws {CodedError} when nobody can tell.
   */
  resolve(host: string): Promise<readonly IpAddress[]>
}

/** A controller's name leads nowhere. */
export class ControllerNameError extends CodedError {
  override readonly code = 'XDS_CONTROLLER_NAME'

  constructor(host: string, cause?: unknown) {
    super(`the controller ${host} has no address`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'Put its name and address into /etc/hosts, or name an address in `controller.addresses`.',
    })
  }
}

/** Goes round all controllers and all their addresses, and asks for these anew each time. */
export class ControllerTargets {
  readonly #addresses: readonly string[]
  readonly #ports: TargetPorts
  #turn = 0
  #queue: ControllerTarget[] = []

  constructor(addresses: readonly string[], ports: TargetPorts) {
    this.#addresses = addresses
    this.#ports = ports
  }

  /** @throws {ControllerNameError} when it is the turn of a name that leads nowhere. */
  async next(): Promise<ControllerTarget> {
    const queued = this.#queue.shift()
    if (queued) return queued
    const text = this.#addresses[this.#turn % this.#addresses.length] ?? ''
    this.#turn += 1
    const { host, port } = splitAddress(text)
    const addresses = await this.#resolve(host)
    const [first, ...others] = this.#shuffle(addresses)
    if (first === undefined) throw new ControllerNameError(host)
    this.#queue = others.map((address) => ({ host, port, address }))
    return { host, port, address: first }
  }

  async #resolve(host: string): Promise<readonly IpAddress[]> {
    const literal = tryParseIp(host)
    if (literal !== undefined) return [literal]
    try {
      return await this.#ports.resolve(host)
    } catch (cause) {
      throw new ControllerNameError(host, cause)
    }
  }

  /** So that many agents spread over the addresses of one name. */
  #shuffle(addresses: readonly IpAddress[]): readonly IpAddress[] {
    const keyed = addresses.map((address) => ({ address, key: this.#ports.random() }))
    return keyed.sort((a, b) => a.key - b.key).map(({ address }) => address)
  }
}
