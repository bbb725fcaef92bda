import { tryParseDuration } from '../config/go-duration.ts'

/** A variable that Istio's agent knows, and the option that means the same here. */
export interface IstioVariable {
  readonly name: string
  /** Keys of the option from the top. */
  readonly path: readonly string[]
  /** Go's way of writing it. */
  readonly kind: 'text' | 'boolean' | 'duration'
}

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
  { name: 'POD_NAMESPACE', path: ['namespace'], kind: 'text' },
  {
    name: 'PILOT_IP_AUTOALLOCATE_IPV4_PREFIX',
    path: ['virtualAddresses', 'v4Prefix'],
    kind: 'text',
  },
  {
    name: 'PILOT_IP_AUTOALLOCATE_IPV6_PREFIX',
    path: ['virtualAddresses', 'v6Prefix'],
    kind: 'text',
  },
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
  }
}
