import type { Path } from '../../documents/path.ts'
import type { Report } from '../../documents/report.ts'
import { hostnameFault, tryParseHostname } from '../../registry/hostname.ts'
import type { EgressHosts } from '../../registry/sidecar.ts'
import { isNamespaceName } from '../object-meta.ts'

/** The `hosts` of one egress listener (Istio: the rules of its webhook). */
export function checkEgressHosts(
  texts: readonly string[],
  path: Path,
  { report, ownNamespace }: { readonly report: Report; readonly ownNamespace: string },
): readonly EgressHosts[] {
  const hosts = texts.flatMap((text, index) => parseHost(text, [...path, index], report) ?? [])
  if (!report.failed) warnOfUseless(hosts, path, { report, ownNamespace })
  return hosts
}

function parseHost(text: string, path: Path, report: Report): EgressHosts | undefined {
  const slash = text.indexOf('/')
  const namespace = text.slice(0, slash)
  const name = text.slice(slash + 1)
  const fault = slash < 0 ? 'has no namespace' : (namespaceFault(namespace) ?? hostFault(name))
  if (fault !== undefined) {
    report.error({
      code: 'SIDECAR',
      path,
      message: `${JSON.stringify(text)} is not NAMESPACE/HOST: it ${fault}`,
      hint: 'Write such as ns1/api.example.com, ./*, */*.example.com, or ~/* for none.',
    })
    return undefined
  }
  return { namespace, host: name === '*' ? '*' : (tryParseHostname(name) ?? name) }
}

function namespaceFault(namespace: string): string | undefined {
  if (['*', '.', '~'].includes(namespace) || isNamespaceName(namespace)) return undefined
  return namespace === '' ? 'has an empty namespace' : 'has a namespace that cannot be one'
}

function hostFault(host: string): string | undefined {
  if (host === '*') return undefined
  if (host === '') return 'has an empty host'
  if (!host.includes('.')) return 'has a host without a domain'
  if (/^\*[^.]/.test(host)) return 'has a wildcard for part of a label'
  return hostnameFault(host)
}

/** What names nothing that is not named already is accepted, but hardly meant. */
function warnOfUseless(
  hosts: readonly EgressHosts[],
  path: Path,
  { report, ownNamespace }: { readonly report: Report; readonly ownNamespace: string },
): void {
  const seen = new Map<string, Set<string>>()
  for (const [index, { namespace: given, host }] of hosts.entries()) {
    const namespace = given === '.' ? ownNamespace : given
    const known = seen.get(namespace) ?? new Set()
    seen.set(namespace, known)
    if (host === '*' ? known.size > 0 : known.has(host) || known.has('*')) {
      warn(report, [...path, index], `${given}/${host} is named twice, or part of ${given}/*`)
    }
    known.add(host)
  }
  if (seen.get('*')?.has('*') && seen.size > 1) {
    warn(report, path, '*/* lets everything through, so the others are useless')
  }
}

function warn(report: Report, path: Path, message: string): void {
  report.warning({ code: 'SIDECAR', path, message, hint: 'Remove what is not needed.' })
}
