import { type IpAddress, ipFromOctets } from '../../ip/address.ts'
import { type Hostname, hostnameFault, tryParseHostname } from '../../registry/hostname.ts'
import type { Origin } from '../../registry/service.ts'
import { isNamespaceName } from '../object-meta.ts'
import type { OriginFields } from './details-fields.ts'
import { type Faults, quote } from './faults.ts'
import type { ReadOptions } from './read-options.ts'
import type { SharedValues } from './shared-values.ts'

/** What reading one resource needs. */
export interface ReadContext {
  readonly faults: Faults
  readonly options: ReadOptions
  readonly shared: SharedValues
}

/** The addresses; octets that are none are faults. */
export function readAddresses(all: readonly Uint8Array[], faults: Faults): IpAddress[] {
  const usable = all.filter(({ length }) => length === 4 || length === 16)
  const wrong = all.find(({ length }) => length !== 4 && length !== 16)
  if (wrong) faults.add(`an address has ${wrong.length} octets`)
  return usable.map(ipFromOctets)
}

export function readHostname(text: string, faults: Faults): Hostname | undefined {
  const host = tryParseHostname(text)
  if (host === undefined) faults.add(`${quote(text)} is not a host: it ${hostnameFault(text)}`)
  return host
}

export function checkNamespace(namespace: string, faults: Faults): void {
  if (!isNamespaceName(namespace)) faults.add(`${quote(namespace)} is not a namespace`)
}

/** `least` is 0 where the port may be missing, else 1. */
export function checkPort(number: number, least: 0 | 1, faults: Faults): void {
  if (number < least || number > 65_535) faults.add(`${number} is not a port`)
}

/** Where the message leaves something out, the usual holds. */
export function readOrigin(
  message: OriginFields | undefined,
  usual: Origin,
  shared: SharedValues,
): Origin {
  if (!message) return usual
  const { kind, namespace, name, file, line } = message
  return {
    kind: shared.text(kind || usual.kind),
    namespace: shared.text(namespace || usual.namespace),
    name: name || usual.name,
    file: shared.text(file || usual.file),
    line,
  }
}
