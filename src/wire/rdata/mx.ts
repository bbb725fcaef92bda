import { type Name, readName, writeName } from '../name.ts'
import type { Reader } from '../reader.ts'
import { checked, type Writer } from '../writer.ts'

/** Where mail for the owner goes (RFC 1035 §3.3.9). */
export interface MxData {
  readonly kind: 'MX'
  readonly preference: number
  readonly exchange: Name
}

export function readMx(reader: Reader): MxData {
  return { kind: 'MX', preference: reader.u16(), exchange: readName(reader) }
}

export function writeMx(writer: Writer, data: MxData): void {
  writer.u16(checked('preference', data.preference, 0xffff))
  writeName(writer, data.exchange)
}
