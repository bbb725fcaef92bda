import { conntrackRequest, readOriginalDestination, sequenceOf } from './conntrack-message.ts'
import type { KernelAddress } from './kernel-address.ts'
import { type Libc, libc, SysUnsupportedError } from './libc.ts'
import { netlinkHeaderOctets } from './netfilter-message.ts'
import { openNetfilterSocket } from './netfilter-socket.ts'

const msgDontwait = 0x40
/** More old answers than this on one socket, and something is wrong with it. */
const maxStaleAnswers = 8

/**
 * Asks the kernel's connection tracking (ctnetlink) what became of a connection.
 *
 * One question is two system calls and no waiting: the kernel answers a request before `send` returns.
 */
export class Conntrack {
  readonly #libc: Libc
  readonly #answer = Buffer.alloc(4096)
  #fd: number
  #sequence = 0

  private constructor(library: Libc, fd: number) {
    this.#libc = library
    this.#fd = fd
  }

  /**
   * Sees the network namespace of the process; `undefined` when this is not Linux or the kernel has no
   * ctnetlink. Reading takes CAP_NET_ADMIN: without it every question has `undefined` for an answer.
   */
  static open(): Conntrack | undefined {
    try {
      const library = libc()
      const fd = openNetfilterSocket()
      return fd === undefined ? undefined : new Conntrack(library, fd)
    } catch (error) {
      if (error instanceof SysUnsupportedError) return undefined
      throw error
    }
  }

  /** Reads through a descriptor that was opened elsewhere, such as in another namespace; owns it. */
  static adopt(fd: number): Conntrack {
    return new Conntrack(libc(), fd)
  }

  /**
   * Where a UDP datagram from `client` was going before a rule redirected it to `agent`, the local
   * address at which it arrived.
   *
   * IPv4 addresses have 4 octets, whatever the socket. `undefined` when nobody redirected it, the
   * kernel has forgotten, or does not tell us.
   */
  udpOriginalDestination(client: KernelAddress, agent: KernelAddress): KernelAddress | undefined {
    if (this.#fd < 0) return undefined
    if (client.octets.length !== agent.octets.length) return undefined
    this.#sequence = (this.#sequence + 1) >>> 0
    const request = conntrackRequest({ source: agent, destination: client }, this.#sequence)
    if (this.#libc.send(this.#fd, request, request.length, msgDontwait) < 0) return undefined
    const found = this.#receive()
    return found && isSame(found, agent) ? undefined : found
  }

  close(): void {
    if (this.#fd >= 0) this.#libc.close(this.#fd)
    this.#fd = -1
  }

  get fd(): number {
    return this.#fd
  }

  #receive(): KernelAddress | undefined {
    for (let tries = 0; tries < maxStaleAnswers; tries += 1) {
      const length = this.#libc.recv(this.#fd, this.#answer, this.#answer.length, msgDontwait)
      if (length < netlinkHeaderOctets) return undefined
      const answer = this.#answer.subarray(0, length)
      // An answer that an earlier question did not wait for is skipped.
      if (sequenceOf(answer) === this.#sequence) return readOriginalDestination(answer)
    }
    return undefined
  }
}

function isSame(a: KernelAddress, b: KernelAddress): boolean {
  return a.port === b.port && Buffer.compare(a.octets, b.octets) === 0
}
