import { type Name, readName, writeName } from '../name.ts'
import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'

/** A record that says one name (RFC 1035 §3.3.1, §3.3.11, §3.3.12). */
export interface DomainData {
  readonly kind: 'CNAME' | 'NS' | 'PTR'
  readonly name: Name
}

export function readDomain(reader: Reader, kind: DomainData['kind']): DomainData {
  return { kind, name: readName(reader) }
}

export function writeDomain(writer: Writer, data: DomainData): void {
  writeName(writer, data.name)
}
