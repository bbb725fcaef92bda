import type { V1EndpointSlice, V1Service, V1ServicePort } from '@kubernetes/client-node'
import { podRanges } from './node-network.ts'

interface Family {
  readonly type: 'IPv4' | 'IPv6'
  readonly word: 'ip' | 'ip6'
  readonly at: (address: string, port: number) => string
}

const families: readonly Family[] = [
  { type: 'IPv4', word: 'ip', at: (address, port) => `${address}:${port}` },
  { type: 'IPv6', word: 'ip6', at: (address, port) => `[${address}]:${port}` },
]

/**
 * Rules for nft(8) that carry what is sent to Services to their endpoints, as a kube-proxy does it;
 * they take the place of what was there.
 */
export function serviceRules(
  services: readonly V1Service[],
  slices: readonly V1EndpointSlice[],
): string {
  const ports = services.flatMap((service) => portsOf(service, slices))
  return `
table inet services
delete table inet services
table inet services {
  chain translate {
${ports.flatMap(({ translate }) => translate).join('\n')}
  }
  chain arriving { type nat hook prerouting priority dstnat; jump translate; }
  chain own { type nat hook output priority -100; jump translate; }
  chain nobody {
${ports.flatMap(({ refuse }) => refuse).join('\n')}
  }
  chain forwarded { type filter hook forward priority filter; jump nobody; }
  chain sent { type filter hook output priority filter; jump nobody; }
  chain leaving { type nat hook postrouting priority srcnat;
${[...new Set(ports.flatMap(({ itself }) => itself))].join('\n')}
    ip saddr ${podRanges.v4} oifname "eth0" masquerade
    ip6 saddr ${podRanges.v6} oifname "eth0" masquerade
  }
}
`
}

interface PortRules {
  readonly translate: readonly string[]
  readonly refuse: readonly string[]
  readonly itself: readonly string[]
}

function portsOf(service: V1Service, slices: readonly V1EndpointSlice[]): readonly PortRules[] {
  const { ports = [] } = service.spec ?? {}
  return families.flatMap((family) => {
    const own = addressesOf(service).filter((ip) => ip.includes(':') === (family.type === 'IPv6'))
    return own.flatMap((address) =>
      ports.map((port) =>
        rulesOf(address, port, family, endpointsOf(service, port, family, slices)),
      ),
    )
  })
}

/** Inside of the cluster, and outside. */
function addressesOf({ spec, status }: V1Service): readonly string[] {
  const { clusterIPs = [], externalIPs = [] } = spec ?? {}
  const balanced = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
  return [...clusterIPs.filter((ip) => ip !== 'None'), ...externalIPs, ...balanced]
}

function rulesOf(
  address: string,
  { port, protocol = 'TCP' }: V1ServicePort,
  { type, word, at }: Family,
  endpoints: readonly (readonly [string, number])[],
): PortRules {
  const transport = protocol.toLowerCase()
  const meant = `    ${word} daddr ${address} ${transport} dport ${port}`
  if (endpoints.length === 0) return { translate: [], refuse: [`${meant} reject`], itself: [] }
  const family = type.toLowerCase()
  // Each takes its share of what those before it have left.
  const translate = endpoints.map(([ip, number], index) => {
    const left = endpoints.length - index
    const chance = left === 1 ? '' : ` numgen random mod ${left} 0`
    return `${meant}${chance} meta nfproto ${family} dnat ${word} to ${at(ip, number)}`
  })
  const itself = endpoints.map(
    ([ip]) => `    ct status dnat ${word} saddr ${ip} ${word} daddr ${ip} masquerade`,
  )
  return { translate, refuse: [], itself }
}

function endpointsOf(
  { metadata }: V1Service,
  { name = '' }: V1ServicePort,
  { type }: Family,
  slices: readonly V1EndpointSlice[],
): readonly (readonly [string, number])[] {
  return slices
    .filter(
      (slice) =>
        slice.addressType === type &&
        slice.metadata?.namespace === metadata?.namespace &&
        slice.metadata?.labels?.['kubernetes.io/service-name'] === metadata?.name,
    )
    .flatMap(({ endpoints, ports }) => {
      // The API has null where there is none.
      const number = (ports ?? []).find((port) => (port.name ?? '') === name)?.port
      if (number === undefined) return []
      return (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses }) => addresses.slice(0, 1))
        .map((ip) => [ip, number] as const)
    })
}
