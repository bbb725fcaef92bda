import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { view } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { noAddresses, normalizePrefixes } from './address-set.ts'
import { capturedAddresses } from './captured-addresses.ts'
import type { CapturePlan } from './plan.ts'

/** A plan that production would use on a machine with one nameserver. */
export const usualPlan: CapturePlan = {
  dns: { nameservers: [parseIp('10.0.0.53')] },
  tcp: 'virtual',
  agentPort: 15053,
  relayPort: 15001,
  virtualPrefixes: [parsePrefix('240.240.0.0/16'), parsePrefix('2001:2::/48')],
  addresses: noAddresses,
  exempt: { uids: [1337], gids: [1337], mark: 1338 },
  excluded: { ports: [], prefixes: [] },
  ipv6: true,
}

const nobody = { uids: [], gids: [] }

/** Plans by the name of their golden files. */
export const planCases: Readonly<Record<string, CapturePlan>> = {
  'dns-uid-gid': { ...usualPlan, exempt: { uids: [1337], gids: [1337] }, ipv6: false },
  'ipv6-dns-uid-gid': {
    ...usualPlan,
    dns: { nameservers: ['127.0.0.53', '10.0.0.53', 'fd00::53'].map(parseIp) },
    exempt: { uids: [3, 4], gids: [1, 2] },
  },
  'capture-all': { ...usualPlan, dns: 'all' },
  'no-dns': { ...usualPlan, dns: 'none' },
  addresses: {
    ...usualPlan,
    addresses: normalizePrefixes(
      [
        '198.51.100.1/32',
        '198.51.100.0/28',
        '10.9.0.0/16',
        '198.51.100.200/32',
        '198.51.100.1/32',
        '2001:db8::1/128',
        '2001:db8:1::/64',
      ].map(parsePrefix),
    ),
  },
  /** ISTIO_SERVICE_CIDR=10.0.0.0/8, and no virtual range in it. */
  included: {
    ...usualPlan,
    addresses: capturedAddresses(
      view([
        serviceOf('near.test', { addresses: [parseIp('10.9.0.1')], resolution: 'DNS' }),
        serviceOf('far.test', { addresses: [parseIp('198.51.100.1')], resolution: 'DNS' }),
      ]),
      usualPlan.virtualPrefixes,
      [parsePrefix('10.0.0.0/8')],
    ),
  },
  outgoing: { ...usualPlan, tcp: 'outgoing' },
  /** As of a pod with all of Istio's annotations. */
  'included-ranges-and-ports': {
    ...usualPlan,
    tcp: { ranges: ['10.0.0.0/8', 'fd00::/8'].map(parsePrefix), ports: [8443] },
    exempt: { uids: [1337], gids: [1337] },
    excluded: { ports: [22], prefixes: [parsePrefix('10.9.0.0/16')], interfaces: ['eth1'] },
  },
  sandbox: { ...usualPlan, dns: 'all', tcp: 'all', exempt: nobody },
  excluded: {
    ...usualPlan,
    excluded: { ports: [22, 8443], prefixes: [parsePrefix('240.240.9.0/24')] },
  },
  'port-53-excluded': { ...usualPlan, dns: 'all', excluded: { ports: [53], prefixes: [] } },
}
