import { type IpAddress, tryParseIp, unmapIp } from '../ip/address.ts'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import { isEscaped } from './label-end.ts'

/** What a name below the domain of a cluster is, when it is no service, endpoint or port. */
export type ClusterNode =
  /** There is such a name, with nothing of its own: the domain, `svc`, `pod`, a namespace below them. */
  | { readonly kind: 'node' }
  /** The domain itself. */
  | { readonly kind: 'apex' }
  | { readonly kind: 'version' }
  /** Its server's own name: only the server knows its addresses. */
  | { readonly kind: 'server' }
  /** `1-2-3-4.NAMESPACE.pod`: any address, whether or not there is such a pod (kube-dns: pods insecure). */
  | { readonly kind: 'pod'; readonly address: IpAddress; readonly name: string }
  /** It may be there: its Service exists, and only others understand it. */
  | { readonly kind: 'unknown' }
  /** There is no such name, provided that it is no service. */
  | { readonly kind: 'nothing' }

const node: ClusterNode = { kind: 'node' }
const unknown: ClusterNode = { kind: 'unknown' }
const nothing: ClusterNode = { kind: 'nothing' }

/**
 * What a name (lower case, no last dot) is in a cluster; `undefined` when it is not below its domain
 * (Kubernetes DNS-based service discovery 1.1.0; where that is silent, as CoreDNS).
 */
export function clusterNodeOf(name: string, facts: ClusterFacts): ClusterNode | undefined {
  const { domain, namespaces } = facts
  if (name === domain) return { kind: 'apex' }
  const dot = name.length - domain.length - 1
  if (!name.endsWith(`.${domain}`) || isEscaped(name, dot)) return undefined
  const base = name.slice(0, dot)
  if (base === 'svc' || base === 'pod') return node
  if (base === 'dns-version') return { kind: 'version' }
  if (base === 'ns.dns') return { kind: 'server' }
  const labels = base.split('.')
  const kind = labels.pop()
  if (kind !== 'svc' && kind !== 'pod') return nothing
  const namespace = labels.pop() ?? ''
  if (!namespaces.has(namespace)) return nothing
  if (labels.length === 0) return node
  if (kind === 'svc' && facts.unknownServices.has(`${labels.at(-1)}.${namespace}`)) return unknown
  // What stands before the address means nothing, as far as it is not too much.
  if (kind === 'svc' || labels.length > 3) return nothing
  const label = labels.pop() ?? ''
  const address = addressOfLabel(label)
  if (address === undefined) return nothing
  return { kind: 'pod', address, name: `${label}.${namespace}.pod.${domain}` }
}

/** Of `1-2-3-4`, or of an IPv6 address with hyphens for colons. */
function addressOfLabel(label: string): IpAddress | undefined {
  const isV4 = label.split('-').length === 4 && !label.includes('--')
  const address = tryParseIp(label.replaceAll('-', isV4 ? '.' : ':'))
  return address === undefined ? undefined : unmapIp(address)
}
