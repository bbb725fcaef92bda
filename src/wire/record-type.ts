import type { Brand } from '../base/brand.ts'
import { CodedError } from '../base/coded-error.ts'

/** Type of a record, or of a question, which knows a few more (RFC 1035 §3.2.2, §3.2.3). */
export type RecordType = Brand<number, 'RecordType'>

/** The text is not a record type. */
export class RecordTypeSyntaxError extends CodedError {
  override readonly code = 'WIRE_RECORD_TYPE_SYNTAX'

  constructor(text: string) {
    super(`not a record type: ${JSON.stringify(text)}`, {
      hint: 'Write a name such as AAAA, or TYPE and a number up to 65535.',
    })
  }
}

const numbers = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  WKS: 11,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  SIG: 24,
  KEY: 25,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  DNAME: 39,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  EUI48: 108,
  EUI64: 109,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
} as const

export const recordType = numbers as { readonly [Type in keyof typeof numbers]: RecordType }

const names = new Map(Object.entries(numbers).map(([name, number]) => [number as number, name]))

/** The name of the type; `TYPE65280` for those without (RFC 3597 §5). */
export function formatRecordType(type: RecordType): string {
  return names.get(type) ?? `TYPE${type}`
}

/** @throws {RecordTypeSyntaxError} when it is neither a known name (in any case) nor `TYPE…`. */
export function parseRecordType(text: string): RecordType {
  const type = tryParseRecordType(text)
  if (type === undefined) throw new RecordTypeSyntaxError(text)
  return type
}

export function tryParseRecordType(text: string): RecordType | undefined {
  const upper = text.toUpperCase()
  if (Object.hasOwn(numbers, upper)) return recordType[upper as keyof typeof numbers]
  const number = Number(/^TYPE(\d{1,5})$/.exec(upper)?.[1] ?? Number.NaN)
  return number <= 0xffff ? (number as RecordType) : undefined
}

/** The type that a message carries as this number. */
export function recordTypeOf(number: number): RecordType {
  return number as RecordType
}
