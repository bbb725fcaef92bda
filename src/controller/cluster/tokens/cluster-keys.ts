import { createLocalJWKSet, type JSONWebKeySet, jwtVerify, type LocalJWKSet } from 'jose'
import type { Clock } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import { reasonOf } from '../../../base/reason-of.ts'
import type { Running } from '../../../base/scope.ts'
import { tryParseAccount } from '../../../identity/account-names.ts'
import { refusalOfToken } from '../../../identity/token-refusal.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { UnauthenticatedError } from '../../../rpc/authenticator.ts'
import type { VerifiedToken } from '../../../rpc/token-verifier.ts'

export interface ClusterKeysParts {
  readonly client: Pick<ClusterClient, 'call'>
  readonly audience: string
  readonly skewSeconds: number
  readonly clock: Clock
  readonly log: Log
}

interface Known {
  readonly issuer: string
  readonly keys: LocalJWKSet
}

/** How often keys are read anew; clusters change them about once a year. */
const refreshMs = 600_000
/** How soon again when they could not be read. */
const againMs = 15_000

/** What API servers sign tokens with. */
const algorithms = ['RS256', 'ES256', 'ES384', 'ES512']

/** The keys that a cluster signs its tokens with, kept for when it cannot be asked (OpenID Connect Discovery 1.0). */
export class ClusterKeys implements Running {
  readonly #parts: ClusterKeysParts
  #known: Known | undefined
  #cancel = () => {}
  #stopped = false

  constructor(parts: ClusterKeysParts) {
    this.#parts = parts
  }

  /** Reads the keys; a cluster that does not give them is asked again later. */
  async start(): Promise<this> {
    await this.#refresh()
    return this
  }

  /**
   * Whose a token is by its signature alone: whether the account or the pod still exists is not known.
   * @throws {UnauthenticatedError} when it does not count, or there are no keys.
   */
  async verify(token: string): Promise<VerifiedToken> {
    const { audience, skewSeconds, clock } = this.#parts
    if (!this.#known) {
      throw new UnauthenticatedError('token_unchecked', 'the token cannot be checked at present')
    }
    const { issuer, keys } = this.#known
    const { payload } = await jwtVerify(token, keys, {
      algorithms,
      issuer,
      audience,
      currentDate: new Date(clock.wall()),
      clockTolerance: skewSeconds,
      requiredClaims: ['sub', 'exp', 'iat'],
    }).catch((error: unknown) => {
      throw refusalOfToken(error, 'this cluster')
    })
    const account = tryParseAccount(payload.sub ?? '')
    if (account) return { ...account, expiresAt: (payload.exp ?? 0) * 1_000 }
    throw new UnauthenticatedError('token_subject', 'the token is for no service account')
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
  }

  async #refresh(): Promise<void> {
    const { client, clock, log } = this.#parts
    let nextMs = refreshMs
    try {
      const { issuer } = await client.call({ path: '/.well-known/openid-configuration' })
      const set = (await client.call({ path: '/openid/v1/jwks' })) as unknown as JSONWebKeySet
      if (typeof issuer !== 'string') throw new TypeError('no issuer is named')
      this.#known = { issuer, keys: createLocalJWKSet(set) }
    } catch (error) {
      log.debug({ reason: reasonOf(error) }, 'the keys of tokens cannot be read')
      nextMs = againMs
    }
    if (!this.#stopped) this.#cancel = clock.after(nextMs, () => void this.#refresh())
  }
}
