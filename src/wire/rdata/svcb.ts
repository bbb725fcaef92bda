import { type Name, readWholeName, writeWholeName } from '../name.ts'
import { type Reader, WireFormatError } from '../reader.ts'
import { checked, WireValueError, type Writer } from '../writer.ts'

/** How to reach a service, with hints (RFC 9460). */
export interface SvcbData {
  readonly kind: 'SVCB' | 'HTTPS'
  /** 0 makes it an alias. */
  readonly priority: number
  readonly target: Name
  /** In order of their keys, each key once (RFC 9460 §2.2). */
  readonly params: readonly SvcParam[]
}

/** One parameter; the octets of its value are not looked into. */
export interface SvcParam {
  readonly key: number
  readonly octets: Uint8Array
}

/** @throws {WireFormatError} also when a key comes twice or out of order. */
export function readSvcb(reader: Reader, kind: SvcbData['kind']): SvcbData {
  const priority = reader.u16()
  const target = readWholeName(reader)
  const params: SvcParam[] = []
  for (let last = -1; reader.remaining > 0; ) {
    const at = reader.offset
    const key = reader.u16()
    if (key <= last) throw new WireFormatError('service parameters out of order', at)
    params.push({ key, octets: reader.octets(reader.u16()) })
    last = key
  }
  return { kind, priority, target, params }
}

/** @throws {WireValueError} also when a key comes twice or out of order. */
export function writeSvcb(writer: Writer, data: SvcbData): void {
  writer.u16(checked('priority', data.priority, 0xffff))
  writeWholeName(writer, data.target)
  let last = -1
  for (const { key, octets } of data.params) {
    if (key <= last) throw new WireValueError('key of a service parameter', key, `, after ${last}`)
    last = key
    writer.u16(checked('key of a service parameter', key, 0xffff))
    writer.u16(checked('length of a service parameter', octets.length, 0xffff))
    writer.octets(octets)
  }
}
