import { type Name, readName, writeName } from './name.ts'
import type { AddressData } from './rdata/address.ts'
import type { DomainData } from './rdata/domain.ts'
import type { MxData } from './rdata/mx.ts'
import type { SoaData } from './rdata/soa.ts'
import type { SrvData } from './rdata/srv.ts'
import type { SvcbData } from './rdata/svcb.ts'
import type { TxtData } from './rdata/txt.ts'
import type { UnknownData } from './rdata/unknown.ts'
import type { Reader } from './reader.ts'
import { type RecordClass, recordClassOf } from './record-class.ts'
import { readRecordData, writeRecordData } from './record-data.ts'
import { type RecordType, recordTypeOf } from './record-type.ts'
import { checked, type Writer } from './writer.ts'

/** One record of the answer, authority or additional section (RFC 1035 §4.1.3). */
export interface ResourceRecord {
  readonly name: Name
  readonly type: RecordType
  readonly class: RecordClass
  /** Seconds; all 32 bits count (RFC 8767 §4). */
  readonly ttl: number
  readonly data: RecordData
}

/** What a record says, by type; `unknown` for types that we do not look into (RFC 3597). */
export type RecordData =
  | AddressData
  | DomainData
  | SoaData
  | SrvData
  | TxtData
  | MxData
  | SvcbData
  | UnknownData

/** What stands before the data of a record. OPT records give class and TTL a meaning of their own. */
export interface RecordStart {
  readonly name: Name
  readonly type: RecordType
  readonly class: RecordClass
  readonly ttl: number
  /** Holds the data, and no more. */
  readonly rdata: Reader
}

/** Octets of the shortest record: the root, ten of fields, no data. */
export const minRecordOctets = 11

/** @throws {WireFormatError} when the message ends early or the name is malformed. */
export function readRecordStart(reader: Reader): RecordStart {
  const name = readName(reader)
  const type = recordTypeOf(reader.u16())
  const inClass = recordClassOf(reader.u16())
  const ttl = reader.u32()
  return { name, type, class: inClass, ttl, rdata: reader.part(reader.u16()) }
}

/** @throws {WireFormatError} when the data is malformed. */
export function readRecordRest(start: RecordStart): ResourceRecord {
  const { name, type, class: inClass, ttl, rdata } = start
  return { name, type, class: inClass, ttl, data: readRecordData(rdata, type, inClass) }
}

/** @throws {WireValueError} when a value does not fit its field. */
export function writeRecord(writer: Writer, record: ResourceRecord): void {
  writeName(writer, record.name)
  writer.u16(record.type)
  writer.u16(record.class)
  writer.u32(checked('ttl', record.ttl, 0xffff_ffff))
  const lengthAt = writer.length
  writer.u16(0)
  writeRecordData(writer, record.data)
  writer.patch16(lengthAt, checked('RDLENGTH', writer.length - lengthAt - 2, 0xffff))
}
