import type { RuleCase } from './rule.case.ts'

const waypoint = { 'istio.io/use-waypoint': 'egress' }
const dynamic = "hosts: ['*.a.test']\nresolution: DYNAMIC_DNS\nlocation: MESH_INTERNAL"

export const resolutionCases: readonly RuleCase[] = [
  {
    name: 'an unknown one (E17)',
    spec: 'hosts: [a.test]\nresolution: DSN',
    want: ['E17 spec.resolution 6:15'],
  },
  {
    name: 'an unknown one does not hide other faults (E17, E4, E8)',
    spec: "hosts: ['*']\nports: [{ number: 70000, name: http }]\nresolution: DSN\nendpoints: [{ address: b.test }]",
    want: ['E17 spec.resolution 7:15', 'E4 spec.hosts[0] 5:11', 'E8 spec.ports[0].number 6:21'],
  },
  {
    name: 'in lower case (E17)',
    spec: 'hosts: [a.test]\nresolution: static',
    want: ['E17 spec.resolution 6:15'],
  },
  {
    name: 'a number without meaning (E17)',
    spec: 'hosts: [a.test]\nresolution: 5',
    want: ['E17 spec.resolution 6:15'],
  },
  {
    name: 'DNS of a wildcard without endpoints (E13)',
    spec: "hosts: [a.test, '*.b.test']\nresolution: DNS",
    want: ['E13 spec.hosts[1] 5:19'],
  },
  {
    name: 'DNS_ROUND_ROBIN of part of a label (E13 and W2)',
    spec: "hosts: ['*b.test']\nresolution: DNS_ROUND_ROBIN",
    want: ['E13 spec.hosts[0] 5:11', 'W2 spec.hosts[0] 5:11'],
  },
  {
    name: 'DNS of a wildcard with a selector: only endpoints would help (E13)',
    spec: "hosts: ['*.b.test']\nresolution: DNS\nworkloadSelector: { labels: { a: b } }",
    want: ['E13 spec.hosts[0] 5:11'],
  },
  {
    name: 'DNS of a wildcard with endpoints is well',
    spec: "hosts: ['*.b.test']\nresolution: DNS\nendpoints: [{ address: b.test }]",
    want: [],
  },
  {
    name: 'DYNAMIC_DNS of a full name (E16)',
    spec: "hosts: ['*.b.test', b.test]\nresolution: DYNAMIC_DNS",
    want: ['E16 spec.hosts[1] 5:23'],
  },
  {
    name: 'DYNAMIC_DNS inside the mesh with a waypoint (E16)',
    spec: dynamic,
    labels: waypoint,
    want: ['E16 spec.location 7:13'],
  },
  {
    name: 'DYNAMIC_DNS inside the mesh, the waypoint taken away',
    spec: dynamic,
    labels: { 'istio.io/use-waypoint': 'none' },
    want: [],
  },
  { name: 'DYNAMIC_DNS inside the mesh without a waypoint', spec: dynamic, want: [] },
  {
    name: 'DYNAMIC_DNS outside the mesh with a waypoint',
    spec: "hosts: ['*.a.test']\nresolution: DYNAMIC_DNS",
    labels: waypoint,
    want: [],
  },
  {
    name: 'an unknown location',
    spec: 'hosts: [a.test]\nlocation: MESH_INTERNL',
    want: ['SCHEMA spec.location 6:13'],
  },
]
