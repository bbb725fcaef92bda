import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import type { ServerTls, ServerTlsKeeper } from '../../rpc/authenticator.ts'
import type { XdsServerOptions } from './options.ts'
import type { Refusals } from './refusals.ts'

/**
 * Turns connections into encrypted ones. It does not listen itself.
 *
 * Certificates and roots that are replaced count for new connections; open ones go on. Sessions are
 * never resumed, so every connection is judged by the roots and the time of its own handshake.
 */
export class TlsHandshakes {
  readonly #server: Server
  readonly #keeper: ServerTlsKeeper
  #minVersion: XdsServerOptions['minTlsVersion']

  constructor(
    keeper: ServerTlsKeeper,
    options: XdsServerOptions,
    ports: { readonly refusals: Refusals; readonly onConnection: (socket: TLSSocket) => void },
  ) {
    const { minTlsVersion, limits } = options
    this.#keeper = keeper
    this.#minVersion = minTlsVersion
    this.#server = createServer({
      ...contextOf(keeper.current(), minTlsVersion),
      ALPNProtocols: ['h2'],
      requestCert: true,
      // A token may stand in for the certificate; who decides sees whether it is trusted.
      rejectUnauthorized: false,
      handshakeTimeout: limits.handshakeTimeoutMs,
    })
    keeper.follow(() => this.#renew())
    this.#server.on('tlsClientError', (error, socket) => {
      ports.refusals.tell('tls_handshake', { client: peerOf(socket), error })
      socket.destroy()
    })
    this.#server.on('secureConnection', ports.onConnection)
  }

  /** Holds for new connections. */
  setMinVersion(version: XdsServerOptions['minTlsVersion']): void {
    this.#minVersion = version
    this.#renew()
  }

  begin(socket: Socket): void {
    this.#server.emit('connection', socket)
  }

  #renew(): void {
    this.#server.setSecureContext(contextOf(this.#keeper.current(), this.#minVersion))
  }
}

function contextOf(
  { chain, key, roots }: ServerTls,
  minVersion: XdsServerOptions['minTlsVersion'],
): TlsOptions {
  return { cert: chain, key, ca: roots, minVersion, secureOptions: constants.SSL_OP_NO_TICKET }
}

/** ADDRESS:PORT of the other end, as calls name it. */
export function peerOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'unknown' : `${remoteAddress}:${remotePort}`
}
