import { createHash, X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { LogFields } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { issueToken } from '../identity/issue-token.ts'
import { MachineCertificate } from '../identity/machine-certificate.ts'
import { MachineIdentityOptions } from '../identity/options.ts'
import { readCsr } from '../identity/read-csr.ts'
import { CertificateDeniedError, type RequestCertificate } from '../identity/request-certificate.ts'
import { UnauthenticatedError } from '../rpc/authenticator.ts'
import { type IdentityRig, startIdentityRig, tokenSettings, workload } from './identity-rig.ts'
import { temporaryFolder } from './temporary-folder.ts'

interface MachineSettings {
  readonly random?: Random
  readonly tokenSeconds?: number
  readonly loseFirstAnswer?: boolean
  readonly outputs?: boolean
  readonly provisionedFolder?: string
  /** Below the folder; otherwise one that has the CA's roots. */
  readonly rootsFile?: string
}

/** The codes of the problems that exist. */
export function codesOf({ ports }: IdentityRig): string[] {
  return ports.health.items().map(({ code }) => code)
}

/** A machine that has its certificate from a CA beside it, without a network: both have one clock. */
export class MachineRig {
  readonly rig: IdentityRig
  readonly folder: string
  readonly rootsFile: string
  /** How it was asked, each time. */
  readonly asked: ('token' | 'certificate')[] = []
  readonly lines: unknown[] = []
  /** Whether the controller can be reached. */
  reachable = true
  /** Whether the controller believes no certificate. */
  distrusted = false
  /** How many certificates were told of. */
  heard = 0
  token = ''
  readonly #settings: MachineSettings
  readonly #test: Pick<TestContext, 'after'>
  #keeper: MachineCertificate | undefined
  #answers = 0

  constructor(
    test: Pick<TestContext, 'after'>,
    rig: IdentityRig,
    { folder, ...settings }: MachineSettings & { readonly folder: string },
  ) {
    this.#test = test
    this.rig = rig
    this.folder = folder
    this.#settings = settings
    this.rootsFile = join(folder, settings.rootsFile ?? 'root-cert.pem')
  }

  get keeper(): MachineCertificate {
    if (!this.#keeper) throw new TypeError('the machine was not started')
    return this.#keeper
  }

  /** Puts a token in place: a new one that counts, or this text. */
  async putToken(text?: string, serviceAccount = workload.serviceAccount): Promise<void> {
    const { clock, tokenKey } = this.rig
    const durationSeconds = this.#settings.tokenSeconds ?? 3_600
    const request = { ...workload, serviceAccount, durationSeconds, nowMs: clock.wall() }
    this.token = text ?? (await issueToken({ ...tokenSettings, key: tokenKey }, request))
    await writeFile(join(this.folder, 'token'), `${this.token}\n`, { mode: 0o600 })
  }

  /** Stops it, and starts it again with what it kept. */
  async restart(): Promise<MachineCertificate> {
    await this.#keeper?.stop()
    const write = (fields: LogFields, message: string) =>
      void this.lines.push({ ...fields, message })
    const log = { error: write, warn: write, info: write, debug: write }
    const keeper = await MachineCertificate.start({
      options: MachineIdentityOptions.parse({
        tokenFile: join(this.folder, 'token'),
        rootsFile: this.rootsFile,
        provisionedFolder: this.#settings.provisionedFolder ?? '',
        outputFolder: this.#settings.outputs ? join(this.folder, 'out') : '',
      }),
      stateFolder: this.folder,
      serverName: 'controller.test',
      request: this.#request,
      ports: { ...this.rig.ports, log },
      random: this.#settings.random ?? (() => 32_768),
    })
    this.#keeper = keeper
    this.#test.after(() => keeper.stop())
    keeper.follow(() => (this.heard += 1))
    return keeper
  }

  readonly #request: RequestCertificate = async (csr, seconds, { tls, token }) => {
    this.asked.push(token === undefined ? 'certificate' : 'token')
    const { authenticator, bindings, ca } = this.rig
    if (!this.reachable) throw new CertificateDeniedError('test', 'not reachable', false)
    const certificate = tls.own && new X509Certificate(tls.own.chain).raw
    const peer = await authenticator
      .identify({
        address: 'test',
        ...(this.distrusted && certificate ? { certificateFault: 'SELF_SIGNED' } : {}),
        ...(!this.distrusted && certificate ? { certificate } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      })
      .catch((error: unknown) => {
        const reason = error instanceof UnauthenticatedError ? error.message : String(error)
        throw new CertificateDeniedError('test', reason, true)
      })
    const publicKey = await readCsr(csr)
    const key = createHash('sha256').update(publicKey).digest('hex')
    const { bindingId, expiresAt = 0 } = peer.token ?? {}
    if (bindingId !== undefined && !(await bindings.bind(bindingId, key, expiresAt))) {
      throw new CertificateDeniedError('test', 'used with another key', true)
    }
    const subject = { kind: 'workload', identity: peer.identity } as const
    const { leaf, intermediates, roots } = await ca.issue(subject, publicKey, seconds)
    this.#answers += 1
    if (this.#settings.loseFirstAnswer && this.#answers === 1) {
      throw new CertificateDeniedError('test', 'the answer was lost', false)
    }
    return [leaf, ...intermediates, roots]
  }
}

/** Sets up a machine with a token and roots, and starts it. */
export async function startMachine(
  test: Pick<TestContext, 'after'>,
  settings: MachineSettings = {},
): Promise<MachineRig> {
  const rig = await startIdentityRig(test)
  const folder = await temporaryFolder(test)
  await writeFile(join(folder, 'root-cert.pem'), rig.ca.roots())
  const machine = new MachineRig(test, rig, { folder, ...settings })
  await machine.putToken()
  await machine.restart()
  return machine
}
