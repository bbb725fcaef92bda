import { readAddress, writeAddress } from './rdata/address.ts'
import { readDomain, writeDomain } from './rdata/domain.ts'
import { readMx, writeMx } from './rdata/mx.ts'
import { readSoa, writeSoa } from './rdata/soa.ts'
import { readSrv, writeSrv } from './rdata/srv.ts'
import { readSvcb, writeSvcb } from './rdata/svcb.ts'
import { readTxt, writeTxt } from './rdata/txt.ts'
import { readUnknown, writeUnknown } from './rdata/unknown.ts'
import type { Reader } from './reader.ts'
import type { RecordData } from './record.ts'
import { type RecordClass, recordClass } from './record-class.ts'
import { type RecordType, recordType } from './record-type.ts'
import type { Writer } from './writer.ts'

/**
 * Reads RDATA from a reader that holds just these octets.
 *
 * Types are taken for what they are in class IN, the oldest in CH and HS too. In the classes ANY and
 * NONE, which only updates use, records may be empty (RFC 2136 §2.5): they stay unknown.
 * @throws {WireFormatError} when it is malformed, or does not end where the length says.
 */
export function readRecordData(reader: Reader, type: RecordType, inClass: RecordClass): RecordData {
  const data = readByType(reader, type, inClass)
  reader.expectEnd('the data of a record')
  return data
}

function readByType(reader: Reader, type: RecordType, inClass: RecordClass): RecordData {
  if (inClass === recordClass.ANY || inClass === recordClass.NONE) return readUnknown(reader)
  switch (type) {
    case recordType.CNAME:
      return readDomain(reader, 'CNAME')
    case recordType.NS:
      return readDomain(reader, 'NS')
    case recordType.PTR:
      return readDomain(reader, 'PTR')
    case recordType.SOA:
      return readSoa(reader)
    case recordType.MX:
      return readMx(reader)
    case recordType.TXT:
      return readTxt(reader)
  }
  if (inClass !== recordClass.IN) return readUnknown(reader)
  switch (type) {
    case recordType.A:
      return readAddress(reader, 'A')
    case recordType.AAAA:
      return readAddress(reader, 'AAAA')
    case recordType.SRV:
      return readSrv(reader)
    case recordType.SVCB:
      return readSvcb(reader, 'SVCB')
    case recordType.HTTPS:
      return readSvcb(reader, 'HTTPS')
  }
  return readUnknown(reader)
}

/** @throws {WireValueError} when a value does not fit its field. */
export function writeRecordData(writer: Writer, data: RecordData): void {
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return writeAddress(writer, data)
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return writeDomain(writer, data)
    case 'SOA':
      return writeSoa(writer, data)
    case 'SRV':
      return writeSrv(writer, data)
    case 'TXT':
      return writeTxt(writer, data)
    case 'MX':
      return writeMx(writer, data)
    case 'SVCB':
    case 'HTTPS':
      return writeSvcb(writer, data)
    case 'unknown':
      return writeUnknown(writer, data)
  }
}
