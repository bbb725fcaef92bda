import { createPrivateKey as importPrivateKey, type KeyObject } from 'node:crypto'
import { CodedError } from '../base/coded-error.ts'
import type { SpiffeId } from '../rpc/spiffe-id.ts'
import { readSpiffeId } from './certificate-identity.ts'
import { formatCertificates, readCertificates, tryBuildChain, validityOf } from './certificates.ts'
import { formatPrivateKey } from './key-pair.ts'

/** A controller answered with something that is no certificate for us. */
export class AnswerUnusableError extends CodedError {
  override readonly code = 'IDENTITY_ANSWER_UNUSABLE'

  constructor(reason: string) {
    super(`the controller answered with a certificate that cannot be used: ${reason}`, {
      hint: 'Look at the log of the controller, and whether its CA has the right files.',
    })
  }
}

/** A machine's certificate with its key. */
export interface HeldCertificate {
  /** PEM. */
  readonly key: string
  /** PEM: the leaf, and what stands between it and a root. */
  readonly chain: string
  readonly identity: SpiffeId | undefined
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
}

/** Reads a certificate and its key; nothing when they are no such pair. */
export function tryReadHeld(key: string, chain: string): HeldCertificate | undefined {
  try {
    const [leaf] = readCertificates(chain)
    if (!leaf?.checkPrivateKey(importPrivateKey(key))) return undefined
    const { from: notBefore, to: notAfter } = validityOf(leaf)
    return { key, chain, identity: readSpiffeId(leaf.raw), notBefore, notAfter }
  } catch {
    return undefined
  }
}

/** What an answer of a CA means. */
export interface CertificateAnswer {
  readonly held: HeldCertificate
  /** PEM. */
  readonly roots: string
}

/**
 * Reads the answer to a request that was made with this key: the leaf first, roots last (Istio: cert_chain).
 * @throws {AnswerUnusableError} when it is not for this key, or does not lead to the roots that it brings.
 */
export function readAnswer(chain: readonly string[], privateKey: KeyObject): CertificateAnswer {
  const last = chain.at(-1)
  if (last === undefined || chain.length < 2) {
    throw new AnswerUnusableError('it has fewer than two parts')
  }
  const own = chain.slice(0, -1)
  const held = tryReadHeld(formatPrivateKey(privateKey), own.join('\n'))
  if (!held) throw new AnswerUnusableError('it is not for the key of the request')
  const [leaf, ...intermediates] = readCertificates(held.chain)
  const roots = readCertificates(last)
  if (!leaf || !tryBuildChain(leaf, intermediates, roots)) {
    throw new AnswerUnusableError('it does not lead to the root that came with it')
  }
  return { held: { ...held, chain: formatCertificates([leaf, ...intermediates]) }, roots: last }
}
