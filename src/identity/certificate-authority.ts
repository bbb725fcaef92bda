import type { Clock } from '../base/clock.ts'
import type { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import type { Meters } from '../base/meters.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import { type CaMaterial, readCa } from './ca-files.ts'
import type { CaStore } from './ca-store.ts'
import { formatCertificates, validityOf } from './certificates.ts'
import { caExpiring, caFilesRefused } from './health.ts'
import { backdatedMs, issueLeaf, type Subject } from './issue-certificate.ts'
import { caExpiry, certificatesIssued } from './meters.ts'
import { ensureOwnRoot } from './own-root.ts'
import { resumeActivation } from './rotate-root.ts'

/** What it takes to be a CA. */
export interface IdentityPorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
}

/** Where a CA's files are, and how often they are looked at. */
export interface CaSettings {
  readonly store: CaStore
  readonly trustDomain: string
  readonly pollMs: number
}

/** A certificate that was made just now; all texts PEM. */
export interface IssuedCertificate {
  readonly leaf: string
  readonly intermediates: readonly string[]
  /** All roots that are trusted, in one text. */
  readonly roots: string
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
}

const expiringMs = 30 * 86_400_000

/**
 * Signs certificates with what is in its store, and follows changes there: roots may be added, and another one
 * made the one that signs. Files that cannot be used leave in force what was there before.
 */
export class CertificateAuthority implements Running {
  readonly #settings: CaSettings
  readonly #ports: IdentityPorts
  readonly #followers = new Set<() => void>()
  #material: CaMaterial
  #cancelPoll = () => {}
  #refreshed = Promise.resolve()
  #stopped = false

  private constructor(settings: CaSettings, ports: IdentityPorts, material: CaMaterial) {
    this.#settings = settings
    this.#ports = ports
    this.#material = material
    ports.meters.reading(caExpiry, () => (this.#material.notAfter - ports.clock.wall()) / 1_000)
  }

  /**
   * Reads the files; makes a root when there are none.
   * @throws {CaUnusableError} when its files contradict themselves.
   * @throws {SecretExposedError} when others may read the key.
   */
  static async start(settings: CaSettings, ports: IdentityPorts): Promise<CertificateAuthority> {
    const { store, trustDomain } = settings
    const now = ports.clock.wall()
    await resumeActivation(store)
    if (await ensureOwnRoot(store, trustDomain, now)) {
      ports.log.info({ path: store.place }, 'made a root of our own')
    }
    const ca = new CertificateAuthority(settings, ports, await readCa(store, now))
    ca.#warnOfExpiry()
    ca.#poll()
    if (store.follow) {
      store.follow(() => void ca.refresh())
      // Nobody was listening between the first look and now.
      await ca.refresh()
    }
    return ca
  }

  /** The roots that count now, one text in PEM; the one that signs first. */
  roots(): string {
    const now = this.#ports.clock.wall()
    const { root, roots } = this.#material
    return formatCertificates([root, ...roots.filter((other) => validityOf(other).to > now)])
  }

  /** Hears of it when there is another CA certificate, or when other roots are trusted. */
  follow(onChange: () => void): void {
    this.#followers.add(onChange)
  }

  /** Makes a certificate; it never counts for longer than the CA itself. */
  async issue(
    subject: Subject,
    publicKey: Uint8Array,
    lifetimeSeconds: number,
  ): Promise<IssuedCertificate> {
    const { certificate, signer, intermediates, notAfter: last } = this.#material
    const now = this.#ports.clock.wall()
    const notBefore = now - backdatedMs
    const notAfter = Math.min(now + lifetimeSeconds * 1_000, last)
    const issuer = { certificate: certificate.toString(), signer }
    const roots = this.roots()
    const leaf = await issueLeaf(issuer, { subject, publicKey, notBefore, notAfter })
    this.#ports.meters.cell(certificatesIssued, subject.kind).value += 1
    return { leaf, intermediates, roots, notBefore, notAfter }
  }

  /** Reads the files again, now; one time after the other. */
  refresh(): Promise<void> {
    this.#refreshed = this.#refreshed.then(() => this.#refresh())
    return this.#refreshed
  }

  async #refresh(): Promise<void> {
    if (this.#stopped) return
    const { store } = this.#settings
    const { clock, health, log } = this.#ports
    try {
      const before = describeMaterial(this.#material)
      const material = await readCa(store, clock.wall())
      health.clear(caFilesRefused)
      if (describeMaterial(material) === before) return
      this.#material = material
      log.info({ path: store.place, count: material.roots.length }, 'the files of the CA changed')
      for (const follower of this.#followers) follower()
    } catch (error) {
      // Two files are never replaced at one moment, so a faulty state may last for an instant.
      health.set(caFilesRefused, reasonOf(error))
    } finally {
      this.#warnOfExpiry()
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelPoll()
  }

  #poll(): void {
    if (this.#stopped) return
    const { clock } = this.#ports
    const { store, pollMs } = this.#settings
    const look = async () => (store.follow ? this.#warnOfExpiry() : await this.refresh())
    this.#cancelPoll = clock.after(pollMs, () => void look().finally(() => this.#poll()))
  }

  #warnOfExpiry(): void {
    const { clock, health } = this.#ports
    const { notAfter } = this.#material
    if (notAfter - clock.wall() > expiringMs) health.clear(caExpiring)
    else health.set(caExpiring, `it ends on ${new Date(notAfter).toISOString()}`)
  }
}

function describeMaterial({ certificate, intermediates, roots }: CaMaterial): string {
  const marks = [certificate, ...roots].map(({ fingerprint256 }) => fingerprint256)
  return [...marks, ...intermediates].join('\n')
}
