import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'

/** Data that is carried as it is (RFC 3597 §3). */
export interface UnknownData {
  readonly kind: 'unknown'
  readonly octets: Uint8Array
}

export function readUnknown(reader: Reader): UnknownData {
  return { kind: 'unknown', octets: reader.octets(reader.remaining) }
}

export function writeUnknown(writer: Writer, data: UnknownData): void {
  writer.octets(data.octets)
}
