import type { Brand } from '../base/brand.ts'

/** What a message asks for: four bits (RFC 1035 §4.1.1). */
export type Opcode = Brand<number, 'Opcode'>

const numbers = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 } as const

export const opcode = numbers as { readonly [Code in keyof typeof numbers]: Opcode }

const names = new Map(Object.entries(numbers).map(([name, number]) => [number as number, name]))

/** The name of the code; `OPCODE7` for those without. */
export function formatOpcode(opcode: Opcode): string {
  return names.get(opcode) ?? `OPCODE${opcode}`
}

/** The opcode that a message carries as this number. */
export function opcodeOf(number: number): Opcode {
  return number as Opcode
}
