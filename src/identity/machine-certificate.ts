import { createPrivateKey as importPrivateKey, type KeyObject } from 'node:crypto'
import { Backoff } from '../base/backoff.ts'
import { CodedError } from '../base/coded-error.ts'
import { OneAtATime } from '../base/one-at-a-time.ts'
import type { Random } from '../base/random.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import { atWallTime } from '../base/wall-timer.ts'
import type { ClientCredentials, ClientCredentialsKeeper } from '../rpc/client-credentials.ts'
import { formatSpiffeId } from '../rpc/spiffe-id.ts'
import type { IdentityPorts } from './certificate-authority.ts'
import { createCsr } from './create-csr.ts'
import { certificateMissing, certificateStale } from './health.ts'
import type { HeldCertificate } from './held-certificate.ts'
import { readAnswer } from './held-certificate.ts'
import { createPrivateKey } from './key-pair.ts'
import { MachineIdentity } from './machine-identity.ts'
import { readMachineToken, readTokenAccount } from './machine-token.ts'
import { certificateExpiry, certificateRenewals } from './meters.ts'
import type { MachineIdentityOptions } from './options.ts'
import { renewalTime } from './renewal-time.ts'
import { CertificateDeniedError, type RequestCertificate } from './request-certificate.ts'

/** A machine has nothing to show to a controller. */
export class NothingToShowError extends CodedError {
  override readonly code = 'IDENTITY_NOTHING_TO_SHOW'

  constructor(tokenFile: string) {
    super(`there is neither a certificate nor a token in ${tokenFile}`, {
      hint: 'Copy `istio-token` of `meshdns workload entry configure` there.',
    })
  }
}

export interface MachineCertificateParts {
  readonly options: MachineIdentityOptions
  /** Where key and certificate outlive a restart; empty to keep them in memory only. */
  readonly stateFolder: string
  /** The name that the controller's certificate must have. */
  readonly serverName: string
  readonly request: RequestCertificate
  readonly ports: IdentityPorts
  readonly random: Random
}

/** One way to ask for a certificate: what is shown, and the key that the certificate shall be for. */
interface Way {
  readonly shows: 'certificate' | 'token'
  readonly credentials: ClientCredentials
  readonly key: KeyObject
}

/** After a controller refused us, we do not come again sooner. */
const refusedRestMs = 10_000

/**
 * Holds the certificate of this machine: by a token at first, by the certificate from then on. It is renewed at about
 * half of its life; the one that is held goes on until it ends, whatever happens meanwhile.
 */
export class MachineCertificate implements ClientCredentialsKeeper, Running {
  readonly #parts: MachineCertificateParts
  readonly #identity: MachineIdentity
  readonly #followers = new Set<() => void>()
  readonly #renewing = new OneAtATime(() => this.#renew())
  readonly #backoff: Backoff
  /** The certificate that is held shall not be shown first, though it counts by our clock. */
  #isRefused = false
  #triedAt = -Infinity
  #cancel = () => {}
  #stopped = false

  private constructor(parts: MachineCertificateParts, identity: MachineIdentity) {
    this.#parts = parts
    this.#identity = identity
    this.#backoff = new Backoff({ minMs: 1_000, maxMs: 60_000 }, parts.random)
    const { clock, meters } = parts.ports
    meters.reading(certificateExpiry, () => {
      const { held } = this.#identity
      return held ? (held.notAfter - clock.wall()) / 1_000 : 0
    })
  }

  /**
   * Takes up what was saved, and asks for a certificate where there is none; does not wait for it.
   * @throws {SecretExposedError} when others may read a key that was saved.
   */
  static async start(parts: MachineCertificateParts): Promise<MachineCertificate> {
    const keeper = new MachineCertificate(parts, await MachineIdentity.load(parts))
    const { held } = keeper.#identity
    // A machine that was set up anew, for somebody else, has a token that says so.
    keeper.#isRefused = held !== undefined && (await keeper.#hasTokenOfAnother(held))
    if (held && !keeper.#isRefused) keeper.#schedule(held)
    else void keeper.#renewing.run()
    return keeper
  }

  /**
   * Waits for the first certificate while it is being asked for, as a token may count no longer once there is one.
   * @throws {RootsMissingError} when there are no roots to believe a controller by.
   */
  async current(): Promise<ClientCredentials> {
    if (!this.#usable()) await this.#renewing.idle()
    const tls = await this.#tls()
    const usable = this.#usable()
    if (usable) return { tls: { ...tls, own: usable } }
    const token = await readMachineToken(this.#parts.options.tokenFile)
    if (token !== undefined) return { tls, token }
    // It may be our clock that is wrong.
    const { held } = this.#identity
    return { tls: held ? { ...tls, own: held } : tls }
  }

  follow(onChange: () => void): void {
    this.#followers.add(onChange)
  }

  /** Says that a controller did not believe what `current` told: another certificate is asked for, soon. */
  refused(): void {
    const { clock } = this.#parts.ports
    this.#isRefused = true
    const restMs = Math.max(0, this.#triedAt + refusedRestMs - clock.now())
    this.#cancel()
    this.#cancel = clock.after(restMs, () => void this.#renewing.run())
  }

  /** Waits for nobody: an answer that is still to come is dropped. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
  }

  #usable(): HeldCertificate | undefined {
    const { held } = this.#identity
    const counts = held && this.#parts.ports.clock.wall() < held.notAfter
    return counts && !this.#isRefused ? held : undefined
  }

  async #tls(): Promise<ClientCredentials['tls']> {
    return { roots: await this.#identity.roots.current(), serverName: this.#parts.serverName }
  }

  async #hasTokenOfAnother({ identity }: HeldCertificate): Promise<boolean> {
    const token = await readMachineToken(this.#parts.options.tokenFile)
    const account = token === undefined ? undefined : readTokenAccount(token)
    if (!identity || !account) return false
    const { namespace, serviceAccount } = identity
    return account.namespace !== namespace || account.serviceAccount !== serviceAccount
  }

  #schedule(held: HeldCertificate): void {
    const { ports, random } = this.#parts
    this.#cancel()
    const at = renewalTime(held, random)
    this.#cancel = atWallTime(ports.clock, at, () => void this.#renewing.run())
  }

  async #renew(): Promise<void> {
    if (this.#stopped) return
    const { clock, log, health, meters } = this.#parts.ports
    this.#cancel()
    this.#triedAt = clock.now()
    try {
      const held = await this.#ask()
      if (this.#stopped) return
      this.#backoff.reset()
      this.#isRefused = false
      this.#schedule(held)
      health.clear(certificateStale)
      health.clear(certificateMissing)
      meters.cell(certificateRenewals, 'done').value += 1
      const name = held.identity ? formatSpiffeId(held.identity) : ''
      log.info({ name }, 'got a certificate')
      for (const follower of this.#followers) follower()
    } catch (error) {
      if (this.#stopped) return
      this.#tellTrouble(reasonOf(error))
      meters.cell(certificateRenewals, 'failed').value += 1
      this.#cancel = clock.after(1_000 + this.#backoff.next(), () => void this.#renewing.run())
    }
  }

  /** Shows one thing after the other, until one is believed. */
  async #ask(): Promise<HeldCertificate> {
    const { options, request } = this.#parts
    let refusal: unknown = new NothingToShowError(options.tokenFile)
    for await (const way of this.#ways()) {
      try {
        const csr = await createCsr(way.key)
        const chain = await request(csr, options.certificateSeconds, way.credentials)
        const { held, roots } = readAnswer(chain, way.key)
        // After a stop nothing is written any more.
        if (!this.#stopped) await this.#identity.take(held, roots)
        return held
      } catch (error) {
        const isNotBelieved = error instanceof CertificateDeniedError && error.isUnauthenticated
        if (!isNotBelieved) throw error
        if (way.shows === 'certificate') this.#isRefused = true
        refusal = error
      }
    }
    throw refusal
  }

  async *#ways(): AsyncGenerator<Way> {
    const tls = await this.#tls()
    const { held } = this.#identity
    const byCertificate = async (own: HeldCertificate): Promise<Way> => ({
      shows: 'certificate',
      credentials: { tls: { ...tls, own } },
      key: await createPrivateKey(),
    })
    const usable = this.#usable()
    if (usable) yield await byCertificate(usable)
    const token = await readMachineToken(this.#parts.options.tokenFile)
    if (token !== undefined) {
      const key = importPrivateKey(await this.#identity.tokenKey())
      yield { shows: 'token', credentials: { tls, token }, key }
    }
    // It may be our clock that is wrong, or the controller may believe it again.
    if (held && !usable) yield await byCertificate(held)
  }

  #tellTrouble(reason: string): void {
    const { clock, health } = this.#parts.ports
    const { held } = this.#identity
    if (held && clock.wall() < held.notAfter) {
      const end = new Date(held.notAfter).toISOString()
      health.set(certificateStale, `${reason}; it ends on ${end}`)
      return
    }
    health.clear(certificateStale)
    health.set(certificateMissing, reason)
  }
}
