import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CodedError } from '../base/coded-error.ts'
import { formatCertificates, readCertificates } from './certificates.ts'

/** A machine does not know by which roots to believe its controller. */
export class RootsMissingError extends CodedError {
  override readonly code = 'IDENTITY_ROOTS_MISSING'

  constructor(file: string, cause: unknown) {
    super(`${file} holds no certificate that a controller could be believed by`, {
      cause,
      hint: 'Copy `root-cert.pem` of `meshdns workload entry configure` there.',
    })
  }
}

/** Roots that came from a controller, and the file as it was when they came. */
export interface ReceivedRoots {
  /** PEM; empty when none came. */
  readonly roots: string
  /** SHA-256. */
  readonly fileHash: string
}

export const noRoots: ReceivedRoots = { roots: '', fileHash: '' }

/**
 * The roots that a machine believes: at first those of a file, later those that the controller sends with each
 * certificate, so that a root can be rotated. Who changes the file has the last word.
 */
export class TrustedRoots {
  readonly #file: string
  #received: ReceivedRoots

  constructor(file: string, received: ReceivedRoots) {
    this.#file = file
    this.#received = received
  }

  /** One text in PEM. @throws {RootsMissingError} when there are none. */
  async current(): Promise<string> {
    const { roots, fileHash } = this.#received
    const text = await this.#readFile().catch((error: unknown) => {
      if (roots === '') throw new RootsMissingError(this.#file, error)
      return undefined
    })
    if (text === undefined || (roots !== '' && hashOf(text) === fileHash)) return roots
    return this.#normalize(text)
  }

  /** Takes over what a controller sent, that was believed by the roots so far. Says whether that is news. */
  async accept(roots: string): Promise<boolean> {
    const before = this.#received.roots
    const text = await this.#readFile().catch(() => '')
    this.#received = { roots: formatCertificates(readCertificates(roots)), fileHash: hashOf(text) }
    return this.#received.roots !== before
  }

  received(): ReceivedRoots {
    return this.#received
  }

  #normalize(text: string): string {
    try {
      const roots = formatCertificates(readCertificates(text))
      if (roots !== '') return roots
    } catch (cause) {
      throw new RootsMissingError(this.#file, cause)
    }
    throw new RootsMissingError(this.#file, undefined)
  }

  async #readFile(): Promise<string> {
    return await readFile(this.#file, 'utf8')
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
