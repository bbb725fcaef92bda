import { conditionType } from '../../../src/kubernetes/allocation/entry-status.ts'

/** Of a namespace that may write what it likes: the API server checks nothing, and no webhook was asked. */
export interface HostileEntry {
  readonly name: string
  readonly metadata?: object
  readonly spec?: unknown
  readonly status?: unknown
  /** That nothing is wrong with it as far as we look. */
  readonly isUsable?: boolean
}

const ports = [{ number: 80, name: 'http', protocol: 'HTTP' }]
const many = <T>(count: number, make: (at: number) => T) =>
  Array.from({ length: count }, (_, at) => make(at))

function good(host: string, more: object = {}) {
  return {
    hosts: [host],
    ports,
    resolution: 'STATIC',
    endpoints: [{ address: '198.51.100.2' }],
    ...more,
  }
}

const noise = '\u0000\u001b[2J\r\n"}{\u2028'

export const hostileEntries: readonly HostileEntry[] = [
  { name: 'no-spec' },
  { name: 'spec-is-text', spec: noise },
  { name: 'spec-is-list', spec: [[[]]] },
  { name: 'hosts-is-text', spec: good('x', { hosts: 'a.test' }) },
  { name: 'hosts-are-maps', spec: good('x', { hosts: [{}, [], null, 7] }) },
  { name: 'host-is-noise', spec: good(`a${noise}.test`) },
  { name: 'host-is-huge', spec: good(`${'a'.repeat(500_000)}.test`) },
  {
    name: 'hosts-are-many',
    spec: good('x', { hosts: many(20_000, (at) => `h${at}.test`) }),
  },
  { name: 'everything', spec: good('*') },
  {
    name: 'whole-network',
    spec: good('net.test', { addresses: ['0.0.0.0/0', '::/0'] }),
    isUsable: true,
  },
  {
    name: 'address-is-noise',
    spec: good('noise.test', { addresses: [noise, 'a'.repeat(100_000)] }),
  },
  {
    name: 'ports-are-many',
    spec: good('ports.test', {
      ports: many(20_000, (at) => ({ number: at, name: `p${at}`, protocol: 'TCP' })),
    }),
  },
  {
    name: 'port-is-noise',
    spec: good('port.test', { ports: [{ number: -1e300, name: noise, protocol: noise }] }),
  },
  {
    name: 'endpoints-are-many',
    spec: good('ends.test', {
      endpoints: many(20_000, (at) => ({
        address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
      })),
    }),
  },
  {
    name: 'endpoint-is-noise',
    spec: good('end.test', {
      endpoints: [{ address: noise, ports: { [noise]: 'x' }, labels: noise }],
    }),
  },
  {
    name: 'prototype',
    spec: JSON.parse(
      '{"hosts":["proto.test"],"__proto__":{"ports":1},"workloadSelector":{"labels":{"__proto__":"x","constructor":"y"}},"exportTo":["__proto__"]}',
    ),
  },
  {
    name: 'deep',
    spec: good('deep.test', { endpoints: JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`) }),
  },
  {
    name: 'export-is-noise',
    spec: good('export.test', { exportTo: many(5_000, (at) => `${noise}${at}`) }),
  },
  {
    name: 'annotated',
    metadata: {
      annotations: { 'networking.istio.io/exportTo': noise.repeat(1_000).replaceAll('\u0000', '') },
    },
    spec: good('annotated.test'),
    isUsable: true,
  },
  { name: 'status-is-text', spec: good('status-text.test'), status: noise, isUsable: true },
  {
    name: 'status-is-noise',
    spec: good('status-noise.test'),
    status: { addresses: many(4_000, () => ({ value: noise, host: noise })), conditions: noise },
    isUsable: true,
  },
  {
    name: 'address-of-another',
    spec: good('thief.test'),
    status: {
      addresses: [
        { value: '240.240.0.1', host: 'thief.test' },
        { value: '10.96.0.1', host: 'thief.test' },
        { value: '240.240.0.1', host: 'innocent.test' },
      ],
      conditions: [
        {
          type: conditionType,
          status: 'True',
          reason: 'AddressesAllocated',
          message: 'x'.repeat(100_000),
          observedGeneration: 'x',
          lastTransitionTime: {},
        },
      ],
    },
    isUsable: true,
  },
]

/** Each line ten times as much as the one before. */
function bomb(): string {
  const lines = ['a0: &a0 [x]']
  for (let at = 1; at < 10; at += 1) {
    lines.push(`a${at}: &a${at} [${Array.from({ length: 10 }, () => `*a${at - 1}`).join(', ')}]`)
  }
  return lines.join('\n')
}

/** Where YAML or JSON is expected. */
export const hostileTexts: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'a bomb of aliases', text: bomb() },
  { name: 'a deep nest', text: '['.repeat(20_000) },
  { name: 'noise', text: '\u0007\u001b[2J' },
  { name: 'a list', text: '- a\n- b' },
  { name: 'a huge word', text: 'x'.repeat(900_000) },
]
