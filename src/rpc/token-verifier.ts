/** What a token says that somebody we trust has signed. */
export interface VerifiedToken {
  readonly namespace: string
  readonly serviceAccount: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Given where a token is to belong to the first key that gets a certificate for it. */
  readonly bindingId?: string
}

/** Says whose a token is; files have keys of their own, and Kubernetes reviews its own tokens. */
export interface TokenVerifier {
  /** @throws {UnauthenticatedError} when it does not count; the message names the reason, and nothing of the token. */
  verify(token: string): Promise<VerifiedToken>
}
