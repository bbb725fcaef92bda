import type { Reader } from '../reader.ts'
import { checked, type Writer } from '../writer.ts'

/** Free text in pieces of up to 255 octets, one at least (RFC 1035 §3.3.14). */
export interface TxtData {
  readonly kind: 'TXT'
  readonly strings: readonly Uint8Array[]
}

export function readTxt(reader: Reader): TxtData {
  const strings: Uint8Array[] = []
  do strings.push(reader.octets(reader.u8()))
  while (reader.remaining > 0)
  return { kind: 'TXT', strings }
}

/** No string at all is written as one empty string: the record must not be empty. */
export function writeTxt(writer: Writer, data: TxtData): void {
  for (const octets of data.strings) {
    writer.u8(checked('length of a string', octets.length, 0xff))
    writer.octets(octets)
  }
  if (data.strings.length === 0) writer.u8(0)
}
