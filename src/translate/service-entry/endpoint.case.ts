import type { RuleCase } from './rule.case.ts'

const port = 'ports: [{ number: 80, name: http, protocol: HTTP }]'

const withEndpoints = (resolution: string, ...endpoints: readonly string[]) =>
  [
    'hosts: [a.test]',
    port,
    `resolution: ${resolution}`,
    'endpoints:',
    ...endpoints.map((one) => `- ${one}`),
  ].join('\n')

export const endpointCases: readonly RuleCase[] = [
  {
    name: 'with NONE (E11)',
    spec: withEndpoints('NONE', '{ address: 192.0.2.1 }'),
    want: ['E11 spec.endpoints 8:3'],
  },
  {
    name: 'STATIC: empty (E12)',
    spec: withEndpoints('STATIC', 'null'),
    want: ['E12 spec.endpoints[0] 9:5'],
  },
  {
    name: 'STATIC: a name (E12)',
    spec: withEndpoints('STATIC', '{ address: b.test }'),
    want: ['E12 spec.endpoints[0].address 9:16'],
  },
  {
    name: 'STATIC: neither address nor network (E12)',
    spec: withEndpoints('STATIC', '{ weight: 1 }', "{ address: '' }"),
    want: ['E12 spec.endpoints[0].address 9:5', 'E12 spec.endpoints[1].address 10:16'],
  },
  {
    name: 'STATIC: a network alone (W6)',
    spec: withEndpoints('STATIC', 'network: n1'),
    want: ['W6 spec.endpoints[0] 9:5'],
  },
  {
    name: 'STATIC: a port that the service does not have (E12)',
    spec: withEndpoints('STATIC', 'address: 192.0.2.1\n  ports:\n    htpp: 8080'),
    want: ['E12 spec.endpoints[0].ports.htpp 11:7'],
  },
  {
    name: 'STATIC: a number that is no port (E12)',
    spec: withEndpoints('STATIC', '{ address: 192.0.2.1, ports: { http: 0 } }'),
    want: ['E12 spec.endpoints[0].ports.http 9:42'],
  },
  {
    name: 'STATIC: labels that are none (E12)',
    spec: withEndpoints(
      'STATIC',
      "{ address: 192.0.2.1, labels: { 'a b': x } }",
      "{ address: 192.0.2.2, labels: { a: 'x y' } }",
      "{ address: 192.0.2.3, labels: { '/a': x } }",
    ),
    want: [
      'E12 spec.endpoints[0].labels["a b"] 9:44',
      'E12 spec.endpoints[1].labels.a 10:40',
      'E12 spec.endpoints[2].labels["/a"] 11:43',
    ],
  },
  {
    name: 'STATIC: a unix socket with ports (E12)',
    spec: withEndpoints('STATIC', '{ address: unix:///run/a, ports: { http: 80 } }'),
    want: ['E12 spec.endpoints[0].ports 9:31'],
  },
  {
    name: 'STATIC: unix paths that are none (E12)',
    spec: withEndpoints(
      'STATIC',
      '{ address: unix://run/a }',
      '{ address: unix:///run/ }',
      "{ address: 'unix://' }",
    ),
    want: [9, 10, 11].map((line, index) => `E12 spec.endpoints[${index}].address ${line}:16`),
  },
  {
    name: 'STATIC: a unix socket for several ports (E12)',
    spec: 'hosts: [a.test]\nresolution: STATIC\nports: [{ number: 1, name: a }, { number: 2, name: b }]\nendpoints: [{ address: unix:///run/a }]',
    want: ['E12 spec.endpoints[0].address 8:26'],
  },
  {
    name: 'DNS_ROUND_ROBIN: more than one (E14)',
    spec: withEndpoints('DNS_ROUND_ROBIN', '{ address: b.test }', '{ address: c.test }'),
    want: ['E14 spec.endpoints[1] 10:5'],
  },
  {
    name: 'DNS: neither address nor name (E15)',
    spec: withEndpoints(
      'DNS',
      '{ address: b_.test }',
      "{ address: '*.b.test' }",
      '{ address: unix:///a }',
      '{ address: 1.2.3.256 }',
    ),
    want: [9, 10, 11, 12].map((line, index) => `E15 spec.endpoints[${index}].address ${line}:16`),
  },
  {
    name: 'DNS: empty, or a network alone (E15)',
    spec: withEndpoints('DNS', 'null', '{ network: n1 }'),
    want: ['E15 spec.endpoints[0] 9:5', 'E15 spec.endpoints[1].address 10:5'],
  },
  {
    name: 'DNS_ROUND_ROBIN: unknown port, bad number, bad label (E15)',
    spec: withEndpoints(
      'DNS_ROUND_ROBIN',
      "{ address: b.test, ports: { tcp: 1, http: 99999 }, labels: { a: '*' } }",
    ),
    want: [
      'E15 spec.endpoints[0].labels.a 9:69',
      'E15 spec.endpoints[0].ports.http 9:47',
      'E15 spec.endpoints[0].ports.tcp 9:33',
    ],
  },
  {
    name: 'with DYNAMIC_DNS (E16)',
    spec: "hosts: ['*.a.test']\nresolution: DYNAMIC_DNS\nendpoints: [{ address: b.test }]",
    want: ['E16 spec.endpoints 7:3'],
  },
]
