import type { RuleCase } from './rule.case.ts'

const many = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join(', ')

export const limitCases: readonly RuleCase[] = [
  {
    name: 'a field that does not exist',
    spec: 'hosts: [a.test]\nworkloadselector: {}',
    want: ['UNKNOWN_FIELD spec.workloadselector 6:3'],
  },
  {
    name: 'fields that do not exist, further inside',
    spec: 'hosts: [a.test]\nports:\n- { number: 80, name: http, protocol: HTTP, target: 81 }\nresolution: STATIC\nendpoints:\n- address: 192.0.2.1\n  port: { http: 1 }',
    want: ['UNKNOWN_FIELD spec.ports[0].target 7:47', 'UNKNOWN_FIELD spec.endpoints[0].port 11:5'],
  },
  { name: 'a text for a list', spec: 'hosts: a.test', want: ['SCHEMA spec.hosts 5:10'] },
  { name: 'a number for a text', spec: 'hosts: [10]', want: ['SCHEMA spec.hosts[0] 5:11'] },
  {
    name: 'a text for a number',
    spec: "hosts: [a.test]\nports: [{ number: '80', name: a }]",
    want: ['SCHEMA spec.ports[0].number 6:21'],
  },
  {
    name: 'a list for a map',
    spec: 'hosts: [a.test]\nworkloadSelector: []',
    want: ['SCHEMA spec.workloadSelector 6:3'],
  },
  {
    name: 'a label that is a number',
    spec: 'hosts: [a.test]\nresolution: STATIC\nendpoints: [{ address: 192.0.2.1, labels: { version: 1 } }]',
    want: ['SCHEMA spec.endpoints[0].labels.version 7:56'],
  },
  {
    name: 'a weight below zero',
    spec: 'hosts: [a.test]\nresolution: STATIC\nendpoints: [{ address: 192.0.2.1, weight: -1 }]',
    want: ['SCHEMA spec.endpoints[0].weight 7:45'],
  },
  {
    name: 'more than 256 hosts',
    spec: `hosts: [${many(257, (index) => `h${index}.test`)}]`,
    want: ['LIMIT spec.hosts 5:3'],
  },
  {
    name: 'more than 256 addresses',
    spec: `hosts: [a.test]\naddresses: [${many(257, (index) => `10.0.${index >> 8}.${index & 255}`)}]`,
    want: ['LIMIT spec.addresses 6:3'],
  },
  {
    name: 'an address of more than 64 characters',
    spec: `hosts: [a.test]\naddresses: ['${'1'.repeat(65)}']`,
    want: ['LIMIT spec.addresses[0] 6:15'],
  },
  {
    name: 'more than 256 ports',
    spec: `hosts: [a.test]\nports: [${many(257, (index) => `{ number: ${index + 1}, name: p${index} }`)}]`,
    want: ['LIMIT spec.ports 6:3'],
  },
  {
    name: 'more than 4096 endpoints',
    spec: `hosts: [a.test]\nresolution: STATIC\nendpoints: [${many(4097, () => '{ address: 192.0.2.1 }')}]`,
    want: ['LIMIT spec.endpoints 7:3'],
  },
  {
    name: 'more than 256 labels to select by',
    spec: `hosts: [a.test]\nresolution: STATIC\nworkloadSelector: { labels: { ${many(257, (index) => `l${index}: x`)} } }`,
    want: ['LIMIT spec.workloadSelector.labels 7:23'],
  },
  {
    name: 'more than 128 ports of an endpoint',
    spec: `hosts: [a.test]\nresolution: STATIC\nendpoints: [{ address: 192.0.2.1, ports: { ${many(129, (index) => `p${index}: 1`)} } }]`,
    want: ['LIMIT spec.endpoints[0].ports 7:37'],
  },
]
