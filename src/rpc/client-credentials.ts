import type { ClientTls } from './channel.ts'

/** What a client shows of itself to its controller. */
export interface ClientCredentials {
  /** Without `own` until there is a certificate. */
  readonly tls: ClientTls
  /** For the call's metadata, `authorization: Bearer TOKEN`; only while there is no certificate. */
  readonly token?: string
}

/** Holds a client's certificate, and replaces it in time. */
export interface ClientCredentialsKeeper {
  /** For the next connection; those that exist go on with what they began with. The token is read anew each time. */
  current(): Promise<ClientCredentials>
  /** Hears of each new certificate and of new roots, after `current` tells them. */
  follow(onChange: () => void): void
  /** Says that a controller did not believe what `current` told (UNAUTHENTICATED): something else is looked for. */
  refused(): void
}
