import type { RemoteInfo } from 'node:dgram'
import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import { splitZone } from '../ip/split-zone.ts'
import type { Client } from '../resolve/driver.ts'

type Reply = (octets: Uint8Array, to: RemoteInfo) => void
type FindOriginal = (from: RemoteInfo) => SocketAddress | undefined

/** Who sent one datagram. */
export class UdpClient implements Client {
  readonly transport = 'udp'
  readonly #from: RemoteInfo
  readonly #reply: Reply
  readonly #findOriginal: FindOriginal
  #answered = false

  constructor(from: RemoteInfo, reply: Reply, findOriginal: FindOriginal) {
    this.#from = from
    this.#reply = reply
    this.#findOriginal = findOriginal
  }

  describe(): string {
    return formatSocketAddress(splitZone(this.#from))
  }

  originalServer(): SocketAddress | undefined {
    return this.#findOriginal(this.#from)
  }

  reply(octets: Uint8Array): void {
    if (this.#answered) return
    this.#answered = true
    this.#reply(octets, this.#from)
  }
}
