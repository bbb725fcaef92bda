import { clusterSearch, parseResolvConf } from '../../config/resolv-conf.ts'
import type { NodePod } from './node-pod.ts'

/** What the kubelet makes a pod's resolv.conf from. */
export interface NodeResolvers {
  /** Text of the resolv.conf of any pod of policy ClusterFirst, such as our own: it names the server of the cluster. */
  readonly cluster: string
  /** Text of the node's own. */
  readonly node: string
  readonly clusterDomain: string
}

/**
 * What stands in a pod's resolv.conf, as the kubelet writes it (Kubernetes: DNS for Services and Pods): for a pod whose
 * own file cannot be read.
 */
export function podResolvConf(
  { namespace, dns }: Pick<NodePod, 'namespace' | 'dns'>,
  { cluster, node, clusterDomain }: NodeResolvers,
): string {
  const own = parseResolvConf(node)
  const base = {
    nameservers: serversOf(node),
    search: own.search,
    options: optionsOf(node),
  }
  const ofCluster = {
    nameservers: serversOf(cluster),
    search: [...clusterSearch(namespace, clusterDomain), ...own.search],
    options: ['ndots:5'],
  }
  const nothing = { nameservers: [], search: [], options: [] }
  const { policy } = dns
  const start = policy === 'None' ? nothing : policy === 'Default' ? base : ofCluster
  const search = [...start.search, ...dns.searches]
  return [
    ...unique([...start.nameservers, ...dns.nameservers]).map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${unique(search).join(' ')}`] : []),
    // Of an option that is said twice the last one counts.
    ...[...start.options, ...dns.options].map((option) => `options ${option}`),
    '',
  ].join('\n')
}

function serversOf(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, server = '']) => server)
}

function optionsOf(text: string): readonly string[] {
  const lines = [...text.matchAll(/^\s*options\s+(.*)$/gm)]
  return lines.flatMap(([, words = '']) => words.trim().split(/\s+/))
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)]
}
