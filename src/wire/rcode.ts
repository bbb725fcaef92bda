import type { Brand } from '../base/brand.ts'

/** How a question went: 12 bits, of which the header has four and EDNS the others (RFC 6891 §6.1.3). */
export type Rcode = Brand<number, 'Rcode'>

const numbers = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  DSOTYPENI: 11,
  BADVERS: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
  BADCOOKIE: 23,
} as const

export const rcode = numbers as { readonly [Code in keyof typeof numbers]: Rcode }

const names = new Map(Object.entries(numbers).map(([name, number]) => [number as number, name]))

/** The name of the code; `RCODE12` for those without. */
export function formatRcode(rcode: Rcode): string {
  return names.get(rcode) ?? `RCODE${rcode}`
}

/** The code whose bits 0-3 stand in the header and whose bits 4-11 stand in the OPT record. */
export function rcodeOf(low: number, high = 0): Rcode {
  return ((high << 4) | low) as Rcode
}
