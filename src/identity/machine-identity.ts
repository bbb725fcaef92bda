import type { IdentityPorts } from './certificate-authority.ts'
import { type HeldCertificate, tryReadHeld } from './held-certificate.ts'
import {
  loadIdentity,
  readCertificateFolder,
  saveIdentity,
  writeCertificateFolder,
} from './identity-store.ts'
import { createPrivateKey, formatPrivateKey } from './key-pair.ts'
import type { MachineIdentityOptions } from './options.ts'
import { noRoots, TrustedRoots } from './trusted-roots.ts'

interface Parts {
  readonly options: MachineIdentityOptions
  readonly stateFolder: string
  readonly ports: IdentityPorts
}

/** What a machine holds of its identity: key, certificate, roots; in memory, and on disk where that is asked for. */
export class MachineIdentity {
  readonly roots: TrustedRoots
  readonly #parts: Parts
  #held: HeldCertificate | undefined
  /** Goes with tokens, and never changes; empty until there is one. */
  #tokenKey: string

  private constructor(parts: Parts, roots: TrustedRoots, tokenKey: string) {
    this.#parts = parts
    this.roots = roots
    this.#tokenKey = tokenKey
  }

  /** @throws {SecretExposedError} when others may read a key. */
  static async load(parts: Parts): Promise<MachineIdentity> {
    const { options, stateFolder, ports } = parts
    const saved = stateFolder === '' ? undefined : await loadIdentity(stateFolder, ports.log)
    const received = saved ? { roots: saved.roots, fileHash: saved.rootsFileHash } : noRoots
    const roots = new TrustedRoots(options.rootsFile, received)
    const identity = new MachineIdentity(parts, roots, saved?.tokenKey ?? '')
    const own = saved && tryReadHeld(saved.key, saved.chain)
    const folder = options.provisionedFolder
    const given = folder === '' ? undefined : await readCertificateFolder(folder)
    const provisioned = given && tryReadHeld(given.key, given.chain)
    // Whichever counts for longer.
    identity.#held = (own?.notAfter ?? 0) >= (provisioned?.notAfter ?? 0) ? own : provisioned
    return identity
  }

  get held(): HeldCertificate | undefined {
    return this.#held
  }

  /** The key (PEM) that goes with tokens. It is saved before it is used, as a token works with one key only. */
  async tokenKey(): Promise<string> {
    if (this.#tokenKey === '') {
      this.#tokenKey = formatPrivateKey(await createPrivateKey())
      await this.#save()
    }
    return this.#tokenKey
  }

  /** Goes on with another certificate, and with the roots that came with it. */
  async take(held: HeldCertificate, roots: string): Promise<void> {
    this.#held = held
    await this.roots.accept(roots)
    await this.#save()
    const { outputFolder } = this.#parts.options
    if (outputFolder === '') return
    const { key, chain } = held
    await this.#tolerate(outputFolder, () =>
      writeCertificateFolder(outputFolder, { key, chain, roots: this.roots.received().roots }),
    )
  }

  async #save(): Promise<void> {
    const { stateFolder } = this.#parts
    if (stateFolder === '') return
    const { roots, fileHash: rootsFileHash } = this.roots.received()
    const tokenKey = this.#tokenKey
    const { key, chain } = this.#held ?? { key: '', chain: '' }
    await this.#tolerate(stateFolder, () =>
      saveIdentity(stateFolder, { version: 1, tokenKey, key, chain, roots, rootsFileHash }),
    )
  }

  /** What cannot be written is still held. */
  async #tolerate(path: string, write: () => Promise<void>): Promise<void> {
    const { log } = this.#parts.ports
    await write().catch((error: unknown) => {
      log.error({ path, error }, 'the identity of this machine cannot be written')
    })
  }
}
