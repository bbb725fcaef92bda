import type { RuleCase } from './rule.case.ts'

const withRange = (resolution: string, prefix: string) =>
  `hosts: [a.test]\naddresses:\n- 192.0.2.1\n- ${prefix}\nresolution: ${resolution}`

export const addressCases: readonly RuleCase[] = [
  {
    name: 'a name (E6)',
    spec: 'hosts: [a.test]\naddresses: [a.test]',
    want: ['E6 spec.addresses[0] 6:15'],
  },
  {
    name: 'neither address nor range (E6)',
    spec: "hosts: [a.test]\naddresses: ['', 1.2.3, 1.2.3.4/33, '1.2.3.4/', 'fe80::1%eth0']",
    want: [
      'E6 spec.addresses[0] 6:15',
      'E6 spec.addresses[1] 6:19',
      'E6 spec.addresses[2] 6:26',
      'E6 spec.addresses[3] 6:38',
      'E6 spec.addresses[4] 6:50',
    ],
  },
  {
    name: 'a range with DNS (E7)',
    spec: withRange('DNS', '192.0.2.0/24'),
    want: ['E7 spec.addresses[1] 8:5'],
  },
  {
    name: 'a range of one with DNS (E7)',
    spec: withRange('DNS', '192.0.2.7/32'),
    want: ['E7 spec.addresses[1] 8:5'],
  },
  {
    name: 'a range with DNS_ROUND_ROBIN (E7)',
    spec: withRange('DNS_ROUND_ROBIN', '2001:db8::/64'),
    want: ['E7 spec.addresses[1] 8:5'],
  },
  {
    name: 'any with DYNAMIC_DNS (E16), a range twice (E7)',
    spec: "hosts: ['*.a.test']\naddresses: [192.0.2.0/24]\nresolution: DYNAMIC_DNS",
    want: ['E16 spec.addresses 6:3', 'E7 spec.addresses[0] 6:15'],
  },
  { name: 'a range with NONE is well', spec: withRange('NONE', '192.0.2.0/24'), want: [] },
  { name: 'a range with STATIC is well', spec: withRange('STATIC', '2001:db8::/64'), want: [] },
]
