import { VirtualAddressOptions } from '../allocate/options.ts'
import type { OptionSpec } from './command.ts'

const pools = VirtualAddressOptions.parse({})

/** Which tool sets the rules, or has set them. */
export const backendOption: OptionSpec = {
  flags: '--backend <word>',
  summary: 'program that sets the rules; auto takes nftables where it works',
  choices: ['auto', 'nftables', 'iptables'],
  env: 'MESHDNS_CAPTURE_BACKEND',
  fallback: 'auto',
}

/** What is caught, in the words and variables of Istio's command for it. */
export const captureOptions: readonly OptionSpec[] = [
  {
    flags: '-p, --envoy-port <port>',
    summary: 'where the agent takes connections',
    env: 'ENVOY_PORT',
    fallback: '15001',
  },
  {
    flags: '--agent-port <port>',
    summary: 'where the agent answers questions',
    env: 'MESHDNS_AGENT_PORT',
    fallback: '15053',
  },
  {
    flags: '-u, --proxy-uid <list>',
    summary: 'users whose traffic is let go: the agent’s',
    env: 'PROXY_UID',
    fallback: '1337',
  },
  {
    flags: '-g, --proxy-gid <list>',
    summary:
      'groups whose traffic is let go; those of the same numbers as the users when not given',
    env: 'PROXY_GID',
  },
  {
    flags: '-i, --istio-service-cidr <list>',
    summary:
      'ranges that connections are caught to, besides virtual addresses; * is everything that leaves the pod',
    env: 'ISTIO_SERVICE_CIDR',
    fallback: '*',
  },
  {
    flags: '-x, --istio-service-exclude-cidr <list>',
    summary: 'ranges that connections are not caught to',
    env: 'ISTIO_SERVICE_EXCLUDE_CIDR',
  },
  {
    flags: '-q, --istio-outbound-ports <list>',
    summary: 'ports that connections are caught to, whatever their range',
    env: 'ISTIO_OUTBOUND_PORTS',
  },
  {
    flags: '-o, --istio-local-outbound-ports-exclude <list>',
    summary: 'ports that nothing is caught to, TCP and UDP',
    env: 'ISTIO_LOCAL_OUTBOUND_PORTS_EXCLUDE',
  },
  {
    flags: '-c, --istio-exclude-interfaces <list>',
    summary: 'network interfaces by which nothing is caught',
    env: 'ISTIO_EXCLUDE_INTERFACES',
  },
  {
    flags: '--redirect-dns [boolean]',
    summary:
      'whether questions are caught; the variable ISTIO_META_DNS_CAPTURE goes over this one’s',
    env: 'REDIRECT_DNS',
  },
  {
    flags: '--capture-all-dns [boolean]',
    summary: 'whether questions for all servers are caught, not only for those of resolv.conf',
    env: 'CAPTURE_ALL_DNS',
  },
  {
    flags: '--resolv-conf <file>',
    summary: 'file that names the servers',
    env: 'MESHDNS_RESOLV_CONF',
    fallback: '/etc/resolv.conf',
  },
  {
    flags: '--native-nftables [boolean]',
    summary: 'whether only nftables will do; the same as --backend nftables',
    env: 'NATIVE_NFTABLES',
  },
  backendOption,
  {
    flags: '--virtual-addresses-v4-prefix <range>',
    summary: 'range of virtual IPv4 addresses, which are always caught',
    env: 'MESHDNS_VIRTUAL_ADDRESSES_V4_PREFIX',
    fallback: pools.v4Prefix,
  },
  {
    flags: '--virtual-addresses-v6-prefix <range>',
    summary: 'range of virtual IPv6 addresses, which are always caught',
    env: 'MESHDNS_VIRTUAL_ADDRESSES_V6_PREFIX',
    fallback: pools.v6Prefix,
  },
  ...[
    '-z, --inbound-capture-port',
    '-e, --inbound-tunnel-port',
    '-m, --istio-inbound-interception-mode',
    '-b, --istio-inbound-ports',
    '-d, --istio-local-exclude-ports',
    '-k, --kube-virt-interfaces',
  ].map((flags) => ({
    flags: `${flags} <text>`,
    summary: 'accepted, without effect: nothing that comes in is caught',
  })),
]
