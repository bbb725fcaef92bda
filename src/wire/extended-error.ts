import type { Brand } from '../base/brand.ts'
import { type Edns, type EdnsOption, ednsOption } from './edns.ts'
import { checked } from './writer.ts'

/** Why a question went as it did, beyond the rcode (RFC 8914). */
export interface ExtendedError {
  readonly code: ExtendedErrorCode
  /** For people; may be empty. */
  readonly text: string
}

export type ExtendedErrorCode = Brand<number, 'ExtendedErrorCode'>

const numbers = {
  OTHER: 0,
  UNSUPPORTED_DNSKEY_ALGORITHM: 1,
  UNSUPPORTED_DS_DIGEST_TYPE: 2,
  STALE_ANSWER: 3,
  FORGED_ANSWER: 4,
  DNSSEC_INDETERMINATE: 5,
  DNSSEC_BOGUS: 6,
  SIGNATURE_EXPIRED: 7,
  SIGNATURE_NOT_YET_VALID: 8,
  DNSKEY_MISSING: 9,
  RRSIGS_MISSING: 10,
  NO_ZONE_KEY_BIT_SET: 11,
  NSEC_MISSING: 12,
  CACHED_ERROR: 13,
  NOT_READY: 14,
  BLOCKED: 15,
  CENSORED: 16,
  FILTERED: 17,
  PROHIBITED: 18,
  STALE_NXDOMAIN_ANSWER: 19,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
} as const

export const extendedError = numbers as {
  readonly [Code in keyof typeof numbers]: ExtendedErrorCode
}

const names = new Map(Object.entries(numbers).map(([name, number]) => [number as number, name]))

/** The name of the code; `EDE30` for those without. */
export function formatExtendedErrorCode(code: ExtendedErrorCode): string {
  return names.get(code) ?? `EDE${code}`
}

/** The EDNS option that carries the error (RFC 8914 §2). */
export function extendedErrorOption(error: ExtendedError): EdnsOption {
  const code = checked('code of an extended error', error.code, 0xffff)
  const text = Buffer.from(error.text, 'utf8')
  return {
    code: ednsOption.EXTENDED_ERROR,
    octets: Uint8Array.of(code >> 8, code & 0xff, ...text),
  }
}

/** The errors among the options, in order; what is too short to be one is left out. */
export function extendedErrorsOf(edns: Edns): ExtendedError[] {
  return edns.options.filter(isExtendedError).map(({ octets }) => ({
    code: (((octets[0] ?? 0) << 8) | (octets[1] ?? 0)) as ExtendedErrorCode,
    text: Buffer.from(octets.subarray(2)).toString('utf8').replace(/\0+$/, ''),
  }))
}

/** The same without extended errors: what is given up first when a message is too large (RFC 8914 §3). */
export function withoutExtendedErrors(edns: Edns): Edns {
  return { ...edns, options: edns.options.filter((option) => !isExtendedError(option)) }
}

function isExtendedError({ code, octets }: EdnsOption): boolean {
  return code === ednsOption.EXTENDED_ERROR && octets.length >= 2
}
