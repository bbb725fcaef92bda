import type { Path } from '../../documents/path.ts'
import {
  type Hostname,
  hostnameFault,
  isWildcard,
  tryParseHostname,
} from '../../registry/hostname.ts'
import type { EntryContext } from './entry-context.ts'
import { isDns } from './resolution.ts'

/** `spec.hosts`: E3, E4, E5, E13, E16 and W2. The result has each host once. */
export function checkHosts(context: EntryContext): readonly Hostname[] {
  const given = context.spec.hosts ?? []
  if (given.length === 0) {
    context.report.error({
      code: 'E3',
      path: ['spec', 'hosts'],
      message: 'there is no host',
      hint: 'Name at least one host, such as api.example.com.',
    })
  }
  const hosts = new Set<Hostname>()
  for (const [index, text] of given.entries()) {
    const host = checkHost(text, ['spec', 'hosts', index], context)
    if (host !== undefined) hosts.add(host)
  }
  return [...hosts]
}

function checkHost(text: string, path: Path, context: EntryContext): Hostname | undefined {
  const { report } = context
  if (text === '*') {
    const hint = 'Name a domain, such as *.example.com.'
    report.error({ code: 'E4', path, message: 'a host must not be "*"', hint })
    return undefined
  }
  const host = tryParseHostname(text)
  if (host === undefined) {
    report.error({
      code: 'E5',
      path,
      message: `${JSON.stringify(text)} is not a host: it ${hostnameFault(text)}`,
      hint: hintFor(text),
    })
    return undefined
  }
  checkWildcard(host, path, context)
  return host
}

function checkWildcard(host: Hostname, path: Path, context: EntryContext): void {
  const { spec, resolution, report } = context
  if (resolution === 'DYNAMIC_DNS') {
    if (isWildcard(host)) return
    const message = `with resolution DYNAMIC_DNS every host is a wildcard, ${host} is not`
    report.error({ code: 'E16', path, message, hint: `Write "*.${host}", or resolution: DNS.` })
    return
  }
  if (!isWildcard(host)) return
  if (isDns(resolution) && (spec.endpoints ?? []).length === 0) {
    report.error({
      code: 'E13',
      path,
      message: `${host} cannot be looked up: with resolution ${resolution} and no endpoints a host must be a full name`,
      hint: 'Give endpoints, name the hosts one by one, or set resolution: DYNAMIC_DNS.',
    })
  }
  if (!host.startsWith('*.')) {
    report.warning({
      code: 'W2',
      path,
      message: `${host} stands for part of a label; not every proxy understands that`,
      hint: 'Write *.DOMAIN where you can.',
    })
  }
}

function hintFor(text: string): string {
  if (/^\d+(\.\d+){3}$/.test(text)) return 'Put IP addresses into spec.addresses or spec.endpoints.'
  if (/^[a-z]+:\/\//i.test(text)) return 'Write the name alone, without scheme, port or path.'
  if (text.includes(':')) return 'Put the port number into spec.ports.'
  return 'Use labels of letters, digits and inner hyphens; only the first may be "*".'
}
