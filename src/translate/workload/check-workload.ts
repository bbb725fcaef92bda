import type { Path } from '../../documents/path.ts'
import type { Report } from '../../documents/report.ts'
import { tryParseIp } from '../../ip/address.ts'
import { hostnameFault, isWildcard, tryParseHostname } from '../../registry/hostname.ts'
import type { EndpointTarget } from '../../registry/service.ts'
import { labelFault } from '../label-fault.ts'
import type { Labels, WorkloadSpec } from '../mesh-object.ts'
import { toLabels } from '../object-meta.ts'
import { isPortNumber } from '../port-number.ts'
import type { WorkloadShape } from './workload-shape.ts'

/** What is allowed depends on what the workload belongs to. */
export interface WorkloadRules {
  /** Of the errors. */
  readonly code: string
  readonly path: Path
  readonly report: Report
  /** Whether a host name may stand for the address. */
  readonly names: boolean
  /** Whether a unix socket may. */
  readonly unix: boolean
  /** When the address may be missing. */
  readonly addressless: 'never' | 'with-network' | 'always'
}

/** Checks one workload; what is wrong goes to the report, and the rest is usable. */
export function checkWorkload(raw: WorkloadShape, rules: WorkloadRules): WorkloadSpec {
  const target = checkAddress(raw, rules)
  const labels = toLabels(raw.labels)
  checkLabels(labels, rules)
  const ports = checkPortNumbers(raw, rules)
  if (target?.kind === 'unix' && ports.size > 0) {
    fault(rules, 'ports', 'a unix socket must not have ports', 'Remove ports from this endpoint.')
  }
  const locality = raw.locality || localityOf(labels)
  return {
    ...(target ? { target } : {}),
    ports,
    labels,
    ...(raw.network ? { network: raw.network } : {}),
    ...(locality ? { locality } : {}),
    weight: raw.weight || 1,
    ...(raw.serviceAccount ? { serviceAccount: raw.serviceAccount } : {}),
  }
}

/** Labels may say where a workload is, with dots for slashes in the older one. */
export function localityOf(labels: Labels): string | undefined {
  return (
    labels.get('topology.istio.io/locality') ?? labels.get('istio-locality')?.replaceAll('.', '/')
  )
}

function checkAddress(raw: WorkloadShape, rules: WorkloadRules): EndpointTarget | undefined {
  const address = raw.address ?? ''
  if (address === '' && mayLackAddress(raw, rules)) return undefined
  if (address.startsWith('unix://') && rules.unix) return checkUnixPath(address.slice(7), rules)
  const ip = tryParseIp(address)
  if (ip !== undefined) return { kind: 'ip', address: ip }
  const name = rules.names ? tryParseHostname(address) : undefined
  if (name !== undefined && !isWildcard(name)) return { kind: 'name', name }
  fault(rules, 'address', faultOf(address, rules), hintFor(address, rules))
  return undefined
}

function mayLackAddress(raw: WorkloadShape, { addressless }: WorkloadRules): boolean {
  return addressless === 'always' || (addressless === 'with-network' && Boolean(raw.network))
}

function faultOf(address: string, rules: WorkloadRules): string {
  if (address === '') return 'the endpoint has no address'
  const why = rules.names ? (hostnameFault(address) ?? 'must not be a wildcard') : undefined
  return `${JSON.stringify(address)} is no address of an endpoint${why === undefined ? '' : `: it ${why}`}`
}

function hintFor(address: string, rules: WorkloadRules): string {
  if (address.startsWith('unix://')) return 'Unix sockets are for resolution: STATIC.'
  const isName = address !== '' && hostnameFault(address) === undefined
  if (!rules.names && isName) return 'Set resolution: DNS for endpoints that are names.'
  return `Give ${allowed(rules)}.`
}

function allowed({ names, unix }: WorkloadRules): string {
  const also = [names ? 'a host name' : '', unix ? 'a unix socket (unix:///PATH)' : '']
  return ['an IP address', ...also.filter((kind) => kind !== '')].join(' or ')
}

function checkUnixPath(path: string, rules: WorkloadRules): EndpointTarget {
  if (!path.startsWith('/') && !path.startsWith('@')) {
    const hint = 'Write unix:///absolute/path, or unix://@name for an abstract socket.'
    fault(rules, 'address', `the path of a unix socket must be absolute: "${path}"`, hint)
  } else if (path.endsWith('/')) {
    fault(rules, 'address', `a unix socket is not a folder: "${path}"`, 'Remove the last "/".')
  }
  return { kind: 'unix', path }
}

function checkLabels(labels: Labels, rules: WorkloadRules): void {
  for (const [key, value] of labels) {
    const wrong = labelFault(key, value)
    if (wrong === undefined) continue
    const { code, path, report } = rules
    report.error({ code, path: [...path, 'labels', key], message: wrong })
  }
}

function checkPortNumbers(raw: WorkloadShape, rules: WorkloadRules): ReadonlyMap<string, number> {
  const ports = new Map(Object.entries(raw.ports ?? {}))
  for (const [name, number] of ports) {
    if (isPortNumber(number)) continue
    const { code, path, report } = rules
    report.error({
      code,
      path: [...path, 'ports', name],
      message: `${number} is not a port`,
      hint: 'Give a number from 1 to 65535.',
    })
  }
  return ports
}

function fault(rules: WorkloadRules, field: string, message: string, hint: string): void {
  const { code, path, report } = rules
  report.error({ code, path: [...path, field], message, hint })
}
