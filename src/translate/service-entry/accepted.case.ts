import type { RuleCase } from './rule.case.ts'

const protocols = ['tcp', 'UDP', 'grpc', 'GRPC-Web', 'http', 'HTTP_PROXY', 'http2', 'HTTPS', 'tls']
const ports = protocols
  .map((protocol, index) => `- { number: ${index + 1}, name: P-${index}, protocol: ${protocol} }`)
  .join('\n')

export const acceptedCases: readonly RuleCase[] = [
  { name: 'a host alone', spec: 'hosts: [mydb]', want: [] },
  {
    name: 'every kind of host',
    spec: `hosts: ['*.test', A.Test., 1a.test, ${'a'.repeat(63)}.test, x--y.test, '*.1.test']`,
    want: [],
  },
  {
    name: 'STATIC with neither endpoints nor selector',
    spec: 'hosts: [a.test]\nresolution: STATIC',
    want: [],
  },
  {
    name: 'fields left empty',
    spec: 'hosts: [a.test]\naddresses:\nports:\nendpoints:\nexportTo:',
    want: [],
  },
  {
    name: 'NONE with an empty list of endpoints',
    spec: 'hosts: [a.test]\nendpoints: []',
    want: [],
  },
  { name: 'numbers for names', spec: 'hosts: [a.test]\nresolution: 1\nlocation: 1', want: [] },
  {
    name: 'protocols in any case',
    spec: `hosts: [a.test]\nresolution: STATIC\nports:\n${ports}`,
    want: [],
  },
  {
    name: 'all fields at once',
    spec: [
      'hosts: [a.test]',
      "addresses: [192.0.2.1, '2001:db8::1']",
      'ports: [{ number: 443, name: https, protocol: HTTPS, targetPort: 8443 }]',
      'location: MESH_INTERNAL',
      'resolution: STATIC',
      'endpoints:',
      '- address: 192.0.2.2',
      '  ports: { https: 9443 }',
      '  labels: { app: a, example.com/version: v1.2_3 }',
      '  network: n1',
      '  locality: r/z/s',
      '  weight: 4294967295',
      '  serviceAccount: web',
      'exportTo: [.]',
      "subjectAltNames: ['spiffe://cluster.local/ns/ns1/sa/web']",
    ].join('\n'),
    want: [],
  },
  {
    name: 'a unix socket in the abstract name space',
    spec: 'hosts: [a.test]\nresolution: STATIC\nports: [{ number: 80, name: http, protocol: HTTP }]\nendpoints: [{ address: unix://@abstract }]',
    want: [],
  },
]
