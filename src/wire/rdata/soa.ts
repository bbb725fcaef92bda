import { type Name, readName, writeName } from '../name.ts'
import type { Reader } from '../reader.ts'
import { checked, type Writer } from '../writer.ts'

/** Where a zone begins and how long its "no" holds (RFC 1035 §3.3.13, RFC 2308 §4). Times in seconds. */
export interface SoaData {
  readonly kind: 'SOA'
  readonly mname: Name
  readonly rname: Name
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minimum: number
}

export function readSoa(reader: Reader): SoaData {
  return {
    kind: 'SOA',
    mname: readName(reader),
    rname: readName(reader),
    serial: reader.u32(),
    refresh: reader.u32(),
    retry: reader.u32(),
    expire: reader.u32(),
    minimum: reader.u32(),
  }
}

export function writeSoa(writer: Writer, data: SoaData): void {
  writeName(writer, data.mname)
  writeName(writer, data.rname)
  writer.u32(checked('serial', data.serial, 0xffff_ffff))
  writer.u32(checked('refresh', data.refresh, 0xffff_ffff))
  writer.u32(checked('retry', data.retry, 0xffff_ffff))
  writer.u32(checked('expire', data.expire, 0xffff_ffff))
  writer.u32(checked('minimum', data.minimum, 0xffff_ffff))
}
