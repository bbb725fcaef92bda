import { createPublicKey } from 'node:crypto'
import { isIP } from 'node:net'
import type { Random } from '../base/random.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import { outsideWallTimes } from '../base/wall-timer.ts'
import type { ServerTls, ServerTlsKeeper } from '../rpc/authenticator.ts'
import type { CertificateAuthority, IdentityPorts } from './certificate-authority.ts'
import { serverCertificateStale } from './health.ts'
import { createPrivateKey, formatPrivateKey } from './key-pair.ts'
import { certificateExpiry } from './meters.ts'
import { renewalTime } from './renewal-time.ts'

export interface ServerCertificateParts {
  readonly ca: CertificateAuthority
  /** DNS names and IP addresses. */
  readonly names: readonly string[]
  readonly lifetimeSeconds: number
  readonly ports: IdentityPorts
  readonly random: Random
}

/** A certificate, and when it counts. */
interface Held {
  readonly tls: ServerTls
  readonly notBefore: number
  readonly notAfter: number
}

const retryMs = 60_000

/** The controller's own certificate: made by its own CA, with a new key each time, in memory only. */
export class ServerCertificate implements ServerTlsKeeper, Running {
  readonly #parts: Omit<ServerCertificateParts, 'names'>
  #names: readonly string[]
  readonly #followers = new Set<(tls: ServerTls) => void>()
  #held: Held
  #cancel = () => {}
  #stopped = false

  private constructor(parts: ServerCertificateParts, held: Held) {
    this.#parts = parts
    this.#names = parts.names
    this.#held = held
    const { clock, meters } = parts.ports
    meters.reading(certificateExpiry, () => (this.#held.notAfter - clock.wall()) / 1_000)
  }

  static async start(parts: ServerCertificateParts): Promise<ServerCertificate> {
    const keeper = new ServerCertificate(parts, await make(parts))
    keeper.#schedule()
    parts.ca.follow(() => void keeper.renew())
    return keeper
  }

  current(): ServerTls {
    return this.#held.tls
  }

  follow(onChange: (tls: ServerTls) => void): void {
    this.#followers.add(onChange)
  }

  /** Has it made out to other names, if they are others. */
  async rename(names: readonly string[]): Promise<void> {
    if (names.join() === this.#names.join()) return
    this.#names = names
    await this.renew()
  }

  /** Replaces the certificate now; connections that exist go on with the old one. */
  async renew(): Promise<void> {
    const { clock, health, log } = this.#parts.ports
    this.#cancel()
    try {
      const held = await make({ ...this.#parts, names: this.#names })
      if (this.#stopped) return
      this.#held = held
      health.clear(serverCertificateStale)
      this.#schedule()
      log.info({ count: this.#names.length }, 'renewed the certificate of the controller')
      for (const follower of this.#followers) follower(this.#held.tls)
    } catch (error) {
      if (this.#stopped) return
      health.set(serverCertificateStale, reasonOf(error))
      this.#cancel = clock.after(retryMs, () => void this.renew())
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
  }

  #schedule(): void {
    const { clock } = this.#parts.ports
    const { notBefore: from, notAfter } = this.#held
    const to = renewalTime({ notBefore: clock.wall(), notAfter }, this.#parts.random)
    this.#cancel()
    // One that was made while the clock was ahead counts for nobody once that is put right.
    this.#cancel = outsideWallTimes(clock, { from, to }, () => void this.renew())
  }
}

async function make({ ca, names: given, lifetimeSeconds }: ServerCertificateParts): Promise<Held> {
  // The machine's own name may be anything.
  const names = [...new Set(given)].filter((name) => /^[\w.:-]{1,253}$/.test(name))
  const key = await createPrivateKey()
  const subject = {
    kind: 'server',
    names: names.filter((name) => isIP(name) === 0),
    addresses: names.filter((name) => isIP(name) !== 0),
  } as const
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const issued = await ca.issue(subject, publicKey, lifetimeSeconds)
  const chain = [issued.leaf, ...issued.intermediates].join('')
  return {
    tls: { chain, key: formatPrivateKey(key), roots: issued.roots },
    notBefore: issued.notBefore,
    notAfter: issued.notAfter,
  }
}
