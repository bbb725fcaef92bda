import { CodedError } from '../base/coded-error.ts'
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
   * @throws {UnauthenticatedError} when nothing shows who it is.
   */
  authenticate(credentials: PeerCredentials): Promise<SpiffeId>
}

/** Why somebody is not believed, in words that programs may count. */
export type UnauthenticatedReason =
  | 'nothing_shown'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'
  | 'certificate_untrusted'
  | 'certificate_foreign'
  | 'certificate_nameless'
  | 'token_malformed'
  | 'token_forged'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_audience'
  | 'token_issuer'
  | 'token_subject'
  | 'token_used'
  | 'token_refused'
  | 'token_unchecked'

/** The other end of a connection could not show who it is. */
export class UnauthenticatedError extends CodedError {
  override readonly code = 'RPC_UNAUTHENTICATED'
  readonly reason: UnauthenticatedReason

  /** The message goes to the other end as well: it holds nothing secret. */
  constructor(reason: UnauthenticatedReason, message: string) {
    super(message, {
      hint: 'Give the machine a new token (`meshdns workload entry configure`), and check its clock and its `root-cert.pem`.',
    })
    this.reason = reason
  }
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
