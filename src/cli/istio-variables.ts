import { tryParseDuration } from '../config/go-duration.ts'
import type { IstioVariable } from '../config/istio-variable.ts'
import { virtualRangeVariables } from '../config/pilot-variables.ts'

/** Where two mean the same option, the later one wins. */
export const istioVariables: readonly IstioVariable[] = [
  { name: 'ISTIO_META_DNS_CAPTURE', path: ['captureEnabled'], kind: 'boolean' },
  {
    name: 'ISTIO_META_DNS_AUTO_ALLOCATE',
    path: ['virtualAddresses', 'allocate'],
    kind: 'boolean',
  },
  { name: 'DNS_PROXY_ADDR', path: ['listen'], kind: 'text' },
  { name: 'DNS_FORWARD_TIMEOUT', path: ['resolver', 'forwardTimeoutMs'], kind: 'duration' },
  { name: 'DNS_FORWARD_PARALLEL', path: ['resolver', 'forwardParallel'], kind: 'boolean' },
  { name: 'PILOT_ADDRESS', path: ['controller', 'addresses'], kind: 'list' },
  { name: 'ISTIOD_SAN', path: ['controller', 'serverName'], kind: 'text' },
  { name: 'CA_ADDR', path: ['identity', 'caAddress'], kind: 'text' },
  { name: 'PROV_CERT', path: ['identity', 'provisionedFolder'], kind: 'text' },
  { name: 'OUTPUT_CERTS', path: ['identity', 'outputFolder'], kind: 'text' },
  { name: 'POD_NAMESPACE', path: ['namespace'], kind: 'text' },
  { name: 'ISTIO_META_NODE_NAME', path: ['node', 'name'], kind: 'text' },
  { name: 'ISTIO_META_NETWORK', path: ['network'], kind: 'text' },
  { name: 'ISTIO_METAJSON_LABELS', path: ['labels'], kind: 'labels' },
  { name: 'TERMINATION_DRAIN_DURATION_SECONDS', path: ['relay', 'drainMs'], kind: 'seconds' },
  { name: 'ISTIO_SERVICE_CIDR', path: ['capture', 'includedRanges'], kind: 'list' },
  { name: 'ISTIO_SERVICE_EXCLUDE_CIDR', path: ['capture', 'excludedRanges'], kind: 'list' },
  {
    name: 'ISTIO_LOCAL_OUTBOUND_PORTS_EXCLUDE',
    path: ['capture', 'excludedPorts'],
    kind: 'list',
  },
  ...virtualRangeVariables,
]

/** Variables that are no option, and what they do; for the reference page. */
export const istioPlaces: readonly { readonly name: string; readonly says: string }[] = [
  { name: 'PROXY_CONFIG', says: 'a ProxyConfig as YAML, over the one of the mesh' },
  { name: 'ISTIO_NAMESPACE', says: 'stands in for `POD_NAMESPACE`, as on a machine of Istio’s' },
  { name: 'ISTIO_SVC_IP', says: 'stands in for `INSTANCE_IP`, as on a machine of Istio’s' },
]

/** What a variable says in terms of the option; a text that makes no sense is passed on, to be refused. */
export function readIstioVariable({ kind }: IstioVariable, text: string): unknown {
  switch (kind) {
    case 'text':
      return text
    case 'boolean':
      if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true
      return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : text
    case 'duration':
      return tryParseDuration(text) ?? text
    case 'seconds':
      return /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1_000) : text
    case 'list':
      return readList(text)
    case 'labels':
      return readLabels(text)
  }
}

/** As NAME=VALUE; none where there is no object, as in what a controller is told of us. */
function readLabels(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text)
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
    return entries.flatMap(([name, label]) =>
      name !== '' && typeof label === 'string' ? `${name}=${label}` : [],
    )
  } catch {
    return []
  }
}

/** Items with commas between them; whole numbers are numbers. */
export function readList(text: string): readonly (string | number)[] {
  const items = text.split(',').map((item) => item.trim())
  return items.filter((item) => item !== '').map(numberOrText)
}

export function numberOrText(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text
}
