import type { SpiffeId } from './spiffe-id.ts'

/** What the other end of a connection shows of itself. */
export interface PeerCredentials {
  /** For the log: ADDRESS:PORT. */
  readonly address: string
  /** DER of its certificate, when the connection has one that the trusted roots vouch for. */
  readonly certificate?: Uint8Array
  /** Why a certificate that it showed does not count, in OpenSSL's words (`CERT_HAS_EXPIRED`). */
  readonly certificateFault?: string
  /** The call's `authorization`: `Bearer TOKEN`. */
  readonly authorization?: string
}

/** Says who somebody is; files and Kubernetes have their own. */
export interface Authenticator {
  /**
   * A certificate counts before a token.
   * @throws {CodedError} when nothing shows who it is; its message names the reason, without the token.
   */
  authenticate(credentials: PeerCredentials): Promise<SpiffeId>
}

/** The certificate that a server shows, and whom it believes; all texts are PEM. */
export interface ServerTls {
  readonly chain: string
  readonly key: string
  readonly roots: string
}

/** Holds a server's certificate, and replaces it in time. */
export interface ServerTlsKeeper {
  current(): ServerTls
  follow(onChange: (tls: ServerTls) => void): void
}
