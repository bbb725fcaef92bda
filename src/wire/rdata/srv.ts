import { type Name, readName, writeWholeName } from '../name.ts'
import type { Reader } from '../reader.ts'
import { checked, type Writer } from '../writer.ts'

/** Where a service runs, and on which port (RFC 2782). */
export interface SrvData {
  readonly kind: 'SRV'
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: Name
}

/** A compressed target is understood (RFC 3597 §4), though none is ever written. */
export function readSrv(reader: Reader): SrvData {
  return {
    kind: 'SRV',
    priority: reader.u16(),
    weight: reader.u16(),
    port: reader.u16(),
    target: readName(reader),
  }
}

export function writeSrv(writer: Writer, data: SrvData): void {
  writer.u16(checked('priority', data.priority, 0xffff))
  writer.u16(checked('weight', data.weight, 0xffff))
  writer.u16(checked('port', data.port, 0xffff))
  writeWholeName(writer, data.target)
}
