import type { SocketAddress } from '../ip/socket-address.ts'
import type { Client } from '../resolve/driver.ts'

/** What a query over TCP needs of its connection. */
export interface TcpClientConnection {
  readonly peer: string
  originalServer(): SocketAddress | undefined
  answered(client: TcpClient, octets: Uint8Array): void
}

/** One query of a TCP connection, which may have others under way. */
export class TcpClient implements Client {
  readonly transport = 'tcp'
  readonly #connection: TcpClientConnection

  constructor(connection: TcpClientConnection) {
    this.#connection = connection
  }

  describe(): string {
    return this.#connection.peer
  }

  originalServer(): SocketAddress | undefined {
    return this.#connection.originalServer()
  }

  reply(octets: Uint8Array): void {
    this.#connection.answered(this, octets)
  }
}
