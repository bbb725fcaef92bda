import { closestWord } from '../../base/closest-word.ts'
import type { Path } from '../../documents/path.ts'
import type { EntryPort } from '../mesh-object.ts'
import { isPortName, isPortNumber } from '../port-number.ts'
import { isAllocatable } from './allocatable.ts'
import type { EntryContext } from './entry-context.ts'
import type { EntryShape } from './entry-shape.ts'
import { protocolNames, tryParseProtocol } from './protocol.ts'

type PortShape = NonNullable<NonNullable<EntryShape['ports']>[number]>

/** `spec.ports`: E8, E9, E10, E16 and W3. */
export function checkPorts(context: EntryContext): readonly EntryPort[] {
  const { spec, report } = context
  const ports: EntryPort[] = []
  const numbers = new Set<number>()
  const names = new Set<string>()
  for (const [index, raw] of (spec.ports ?? []).entries()) {
    const path = ['spec', 'ports', index]
    if (raw === null) {
      const hint = 'Remove the empty item, or give number and name.'
      report.error({ code: 'E8', path, message: 'the port is empty', hint })
      continue
    }
    const port = checkPort(raw, path, context)
    if (numbers.has(port.number)) duplicate('number', port.number, path, context)
    if (names.has(port.name)) duplicate('name', port.name, path, context)
    if (isPortNumber(port.number)) numbers.add(port.number)
    if (isPortName(port.name)) names.add(port.name)
    ports.push(port)
  }
  return [...ports]
}

function checkPort(raw: PortShape, path: Path, context: EntryContext): EntryPort {
  const number = raw.number ?? 0
  const targetPort = raw.targetPort ?? 0
  if (!isPortNumber(number)) badNumber('number', raw.number, path, context)
  if (targetPort !== 0 && !isPortNumber(targetPort)) {
    badNumber('targetPort', targetPort, path, context)
  }
  const name = checkName(raw.name ?? '', path, context)
  const protocol = checkProtocol(raw.protocol ?? '', path, context)
  return { number, name, protocol, ...(targetPort === 0 ? {} : { targetPort }) }
}

function checkName(name: string, path: Path, { report }: EntryContext): string {
  if (isPortName(name)) return name
  report.error({
    code: 'E9',
    path: [...path, 'name'],
    message: name === '' ? 'the port has no name' : `${JSON.stringify(name)} is not a port name`,
    hint: 'Use at most 63 letters, digits and inner hyphens, such as tcp-db.',
  })
  return name
}

function checkProtocol(text: string, path: Path, context: EntryContext): string {
  const { report, resolution } = context
  const at = [...path, 'protocol']
  const protocol = text === '' ? '' : tryParseProtocol(text)
  if (protocol === undefined) {
    const meant = closestWord(text, protocolNames)
    const known = `It is one of ${protocolNames.join(', ')}.`
    const hint = meant === undefined ? known : `Did you mean ${meant}?`
    report.error({
      code: 'E10',
      path: at,
      message: `there is no protocol ${JSON.stringify(text)}`,
      hint,
    })
    return ''
  }
  if (resolution === 'DYNAMIC_DNS' && !['HTTP', 'HTTP2', 'GRPC', 'TLS'].includes(protocol)) {
    report.error({
      code: 'E16',
      path: at,
      message: `with resolution DYNAMIC_DNS a port cannot be ${protocol === '' ? 'without protocol' : protocol}`,
      hint: 'Set protocol to HTTP, HTTP2, GRPC or TLS.',
    })
  }
  if (text === '' || text === 'TCP') warnOfSharedPort(at, context)
  return protocol
}

function warnOfSharedPort(path: Path, context: EntryContext): void {
  const { spec, report } = context
  if ((spec.addresses ?? []).length > 0 || isAllocatable(context)) return
  report.warning({
    code: 'W3',
    path,
    message: 'without an address of its own this TCP port catches all traffic to the port number',
    hint: 'Give spec.addresses, or a resolution other than NONE so that a virtual address can be given.',
  })
}

function badNumber(
  field: string,
  value: number | null | undefined,
  path: Path,
  { report }: EntryContext,
): void {
  const missing = value === null || value === undefined
  report.error({
    code: 'E8',
    path: [...path, field],
    message: missing ? 'the port has no number' : `${value} is not a port`,
    hint: 'Give a number from 1 to 65535.',
  })
}

function duplicate(
  field: string,
  value: string | number,
  path: Path,
  { report }: EntryContext,
): void {
  const message = `there is already a port with the ${field} ${value}`
  const hint = `Give every port a ${field} of its own.`
  report.error({ code: 'E8', path: [...path, field], message, hint })
}
