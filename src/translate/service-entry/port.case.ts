import type { RuleCase } from './rule.case.ts'

const withPorts = (...ports: readonly string[]) =>
  ['hosts: [a.test]', 'resolution: STATIC', 'ports:', ...ports.map((port) => `- ${port}`)].join(
    '\n',
  )

export const portCases: readonly RuleCase[] = [
  { name: 'nothing (E8)', spec: withPorts('null'), want: ['E8 spec.ports[0] 8:5'] },
  { name: 'left out (E8)', spec: withPorts(''), want: ['E8 spec.ports[0] 7:3'] },
  {
    name: 'no number (E8)',
    spec: withPorts('{ name: a, protocol: TCP }'),
    want: ['E8 spec.ports[0].number 8:5'],
  },
  {
    name: 'numbers that are no ports (E8)',
    spec: withPorts(
      '{ number: 0, name: a }',
      '{ number: 65536, name: b }',
      '{ number: 1.5, name: c }',
    ),
    want: [
      'E8 spec.ports[0].number 8:15',
      'E8 spec.ports[1].number 9:15',
      'E8 spec.ports[2].number 10:15',
    ],
  },
  {
    name: 'a target that is no port (E8)',
    spec: withPorts('{ number: 80, name: a, targetPort: 65536 }'),
    want: ['E8 spec.ports[0].targetPort 8:40'],
  },
  {
    name: 'the same number twice (E8)',
    spec: withPorts('{ number: 80, name: a }', '{ number: 80, name: b }'),
    want: ['E8 spec.ports[1].number 9:15'],
  },
  {
    name: 'the same name twice (E8)',
    spec: withPorts('{ number: 80, name: a }', '{ number: 81, name: a }'),
    want: ['E8 spec.ports[1].name 9:25'],
  },
  {
    name: 'no name (E9)',
    spec: withPorts('number: 80\n  protocol: TCP'),
    want: ['E9 spec.ports[0].name 8:5'],
  },
  {
    name: 'two without name and number are not two alike (E8 and E9)',
    spec: withPorts('{ protocol: TCP }', '{ protocol: TCP }'),
    want: [
      'E8 spec.ports[0].number 8:5',
      'E9 spec.ports[0].name 8:5',
      'E8 spec.ports[1].number 9:5',
      'E9 spec.ports[1].name 9:5',
    ],
  },
  {
    name: 'names that are no labels (E9)',
    spec: withPorts(
      "{ number: 80, name: '' }",
      '{ number: 81, name: a_b }',
      '{ number: 82, name: a- }',
      '{ number: 83, name: a.b }',
      `{ number: 84, name: ${'a'.repeat(64)} }`,
    ),
    want: [8, 9, 10, 11, 12].map((line, index) => `E9 spec.ports[${index}].name ${line}:25`),
  },
  {
    name: 'an unknown protocol (E10)',
    spec: withPorts('{ number: 80, name: a, protocol: HTPP }'),
    want: ['E10 spec.ports[0].protocol 8:38'],
  },
  {
    name: 'protocols that cannot follow names (E16)',
    spec: `hosts: ['*.a.test']\nresolution: DYNAMIC_DNS\nports:\n- { number: 1, name: a, protocol: HTTPS }\n- { number: 2, name: b, protocol: tcp }\n- { number: 3, name: c }\n- { number: 4, name: d, protocol: tls }`,
    want: [
      'E16 spec.ports[0].protocol 8:37',
      'E16 spec.ports[1].protocol 9:37',
      'E16 spec.ports[2].protocol 10:5',
    ],
  },
  {
    name: 'several hosts share a port that does not tell them apart (E18)',
    spec: 'hosts: [a.test, b.test]\nresolution: STATIC\nports:\n- { number: 1, name: a, protocol: TCP }\n- { number: 2, name: b }\n- { number: 3, name: c, protocol: http }\n- { number: 4, name: d, protocol: redis }',
    want: [
      'E18 spec.ports[0].protocol 8:37',
      'E18 spec.ports[1].protocol 9:5',
      'E18 spec.ports[3].protocol 11:37',
    ],
  },
  {
    name: 'several hosts share any port with NONE',
    spec: 'hosts: [a.test, b.test]\naddresses: [192.0.2.1]\nports:\n- { number: 1, name: a, protocol: TCP }',
    want: [],
  },
  {
    name: 'several hosts share the addresses of a TLS port (W5)',
    spec: 'hosts: [a.test, b.test]\naddresses: [192.0.2.1]\nresolution: DNS\nports:\n- { number: 1, name: a, protocol: TLS }\n- { number: 2, name: b, protocol: HTTP }',
    want: ['W5 spec.ports[0].protocol 9:37'],
  },
  {
    name: 'several hosts share the addresses of a TCP port (E18 and W5)',
    spec: 'hosts: [a.test, b.test]\naddresses: [192.0.2.1]\nresolution: DNS\nports:\n- { number: 1, name: a, protocol: TCP }',
    want: ['E18 spec.ports[0].protocol 9:37', 'W5 spec.ports[0].protocol 9:37'],
  },
  {
    name: 'TCP without address, with NONE (W3)',
    spec: 'hosts: [a.test]\nports:\n- { number: 1, name: a, protocol: TCP }\n- { number: 2, name: b }\n- { number: 3, name: c, protocol: tcp }\n- { number: 4, name: d, protocol: HTTP }',
    want: ['W3 spec.ports[0].protocol 7:37', 'W3 spec.ports[1].protocol 8:5'],
  },
  {
    name: 'TCP without address, where allocation is refused (W3)',
    spec: withPorts('{ number: 1, name: a, protocol: TCP }'),
    labels: { 'networking.istio.io/enable-autoallocate-ip': 'false' },
    want: ['W3 spec.ports[0].protocol 8:37'],
  },
  {
    name: 'TCP without address, where the mesh gives none (W3)',
    spec: withPorts('{ number: 1, name: a, protocol: TCP }'),
    autoAllocate: false,
    want: ['W3 spec.ports[0].protocol 8:37'],
  },
  {
    name: 'TCP that gets a virtual address is well',
    spec: withPorts('{ number: 1, name: a, protocol: TCP }'),
    want: [],
  },
]
