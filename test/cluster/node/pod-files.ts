import type { V1Pod } from '@kubernetes/client-node'

/** What a node knows of the cluster's DNS. */
export interface ClusterDns {
  readonly server: string
  readonly domain: string
  /** The node's own /etc/resolv.conf. */
  readonly nodeResolvConf: string
}

/** /etc/resolv.conf as a kubelet writes it (Kubernetes: «Pod's DNS Policy»). */
export function resolvConfOf({ metadata, spec }: V1Pod, dns: ClusterDns): string {
  const config = spec?.dnsConfig ?? {}
  const options = (config.options ?? []).map(({ name, value }) =>
    value === undefined ? `${name}` : `${name}:${value}`,
  )
  const base = basisOf(dns, spec?.dnsPolicy ?? 'ClusterFirst', {
    namespace: metadata?.namespace ?? 'default',
    isHostNetwork: spec?.hostNetwork ?? false,
  })
  // Options of the pod beat those of the same name.
  const names = new Set(options.map((option) => option.split(':')[0]))
  const kept = base.options.filter((option) => !names.has(option.split(':')[0]))
  const search = [...new Set([...base.search, ...(config.searches ?? [])])]
  const all = [...kept, ...options]
  return [
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...[...base.servers, ...(config.nameservers ?? [])].map((server) => `nameserver ${server}`),
    ...(all.length > 0 ? [`options ${all.join(' ')}`] : []),
    '',
  ].join('\n')
}

interface Basis {
  readonly servers: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
}

function basisOf(
  { server, domain, nodeResolvConf }: ClusterDns,
  policy: string,
  { namespace, isHostNetwork }: { readonly namespace: string; readonly isHostNetwork: boolean },
): Basis {
  const own = readResolvConf(nodeResolvConf)
  if (policy === 'None') return { servers: [], search: [], options: [] }
  if (policy === 'Default' || (policy === 'ClusterFirst' && isHostNetwork)) return own
  const search = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...own.search]
  return { servers: [server], search, options: ['ndots:5'] }
}

function readResolvConf(text: string): Basis {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const of = (word: string) =>
    lines.filter(([first]) => first === word).map((line) => line.slice(1))
  return {
    servers: of('nameserver').flat(),
    search: of('search').at(-1) ?? [],
    options: of('options').flat(),
  }
}

/** /etc/hosts as a kubelet writes it. */
export function hostsOf(pod: V1Pod, addresses: readonly string[], domain: string): string {
  const name = hostNameOf(pod)
  const { subdomain, hostAliases = [] } = pod.spec ?? {}
  const full =
    subdomain === undefined ? '' : `${name}.${subdomain}.${pod.metadata?.namespace}.svc.${domain}\t`
  return [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...addresses.map((address) => `${address}\t${full}${name}`),
    ...hostAliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}`),
    '',
  ].join('\n')
}

export function hostNameOf({ metadata, spec }: V1Pod): string {
  return spec?.hostname ?? metadata?.name?.slice(0, 63) ?? ''
}
