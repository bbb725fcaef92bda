import { readFile } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import { CodedError } from '../../base/coded-error.ts'
import {
  type ControlPlaneConfig,
  readControlPlaneConfig,
} from '../../config/control-plane-config.ts'
import { valueAt } from '../../config/layer.ts'
import { type MeshNames, meshNames, type OwnNames } from '../../config/mesh-names.ts'
import type { ObjectDocument } from '../../documents/documents.ts'
import { formatFinding } from '../../documents/finding.ts'
import { isPlainMap } from '../../documents/plain-map.ts'
import { readCa } from '../../identity/ca-files.ts'
import { CaFolder } from '../../identity/ca-folder.ts'
import { formatCertificates } from '../../identity/certificates.ts'
import { issueToken } from '../../identity/issue-token.ts'
import { openTokenKey, tokenKeyFile } from '../../identity/token-key.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { MeshObject } from '../../translate/mesh-object.ts'
import { parseObject } from '../../translate/parse-object.ts'
import { ingressAddressOf } from './ingress-address.ts'
import type { OnboardingSource, TokenWish } from './source.ts'

/** The controller's files are not there, or make no sense. */
export class ControllerFilesError extends CodedError {
  override readonly code = 'INSTALL_CONTROLLER_FILES'

  constructor(message: string, cause?: unknown) {
    super(message, {
      ...(cause === undefined ? {} : { cause }),
      hint: "Run this on the controller's machine, as a user that may read its state, once the controller has been started; or name its options with --config FILE.",
    })
  }
}

/** Where a controller has its files, and what it tells of itself in tokens. */
export interface ControllerFiles {
  readonly mesh: string
  readonly caFolder: string
  readonly stateFolder: string
  readonly tokenIssuer: string
  readonly tokenAudience: string
  /** What its options say of the mesh. */
  readonly own: OwnNames
}

/** What a controller's own machine says of the mesh. */
export class MachineSource implements OnboardingSource {
  readonly #files: ControllerFiles
  readonly #readObjects: () => Promise<readonly ObjectDocument[]>
  readonly #clock: Clock

  constructor(
    files: ControllerFiles,
    readObjects: () => Promise<readonly ObjectDocument[]>,
    clock: Clock,
  ) {
    this.#files = files
    this.#readObjects = readObjects
    this.#clock = clock
  }

  /** @throws {ControllerFilesError} when the file cannot be used. */
  async config(): Promise<ControlPlaneConfig> {
    const { mesh: file } = this.#files
    const text = file === '' ? '' : await readText(file)
    const { config, findings } = readControlPlaneConfig(text, file)
    if (config) return config
    throw new ControllerFilesError(findings.map(formatFinding).join('\n'))
  }

  /** @throws {ControllerFilesError} when the file of the mesh cannot be used. */
  async names(): Promise<MeshNames> {
    return meshNames(await this.config(), this.#files.own)
  }

  async objects(): Promise<readonly MeshObject[]> {
    const documents = await this.#readObjects()
    return documents.flatMap(
      (document) => parseObject(document, { defaultNamespace: 'default' }).object ?? [],
    )
  }

  async ingressAddress(namespace: string, service: string): Promise<IpAddress | undefined> {
    const found = (await this.#readObjects()).find(({ value }) => {
      if (!isPlainMap(value) || value['kind'] !== 'Service') return false
      const at = valueAt(value, ['metadata', 'namespace']) ?? 'default'
      return at === namespace && valueAt(value, ['metadata', 'name']) === service
    })
    return ingressAddressOf(found?.value)
  }

  /** @throws {ControllerFilesError} when there is no CA yet. */
  async rootCertificates(): Promise<string> {
    const { caFolder } = this.#files
    const { roots } = await readCa(new CaFolder(caFolder), this.#clock.wall()).catch(
      (cause: unknown) => {
        throw new ControllerFilesError(`no CA is in ${caFolder}`, cause)
      },
    )
    return formatCertificates(roots)
  }

  /**
   * @throws {ControllerFilesError} when there is no key yet, or it may not be read.
   * @throws {TokenRequestError} when nobody should have such a token.
   */
  async issueToken(wish: TokenWish): Promise<string> {
    const { stateFolder, tokenIssuer: issuer, tokenAudience: audience } = this.#files
    // It is the controller's to make: one that we made would be ours.
    await readText(tokenKeyFile(stateFolder))
    const key = await openTokenKey(stateFolder)
    return await issueToken({ key, issuer, audience }, { ...wish, nowMs: this.#clock.wall() })
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ControllerFilesError(`${file} cannot be read`, cause)
  }
}
