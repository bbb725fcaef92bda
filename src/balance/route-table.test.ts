import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { Service } from '../registry/service.ts'
import { endpoint, servicePort, view } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { buildRouteTable, type Match } from './route-table.ts'

const prefixes = [parsePrefix('240.240.0.0/16'), parsePrefix('2001:2::/48')]

/** What is found, in words: `host:port -> endpoints`, or the kind of the miss. */
function describeMatch(match: Match): string {
  if (match.kind === 'undeclared') return `undeclared ${match.host}:${match.port}`
  if (match.kind !== 'route') return match.kind
  const { host, port, endpoints } = match.route
  return `${host}:${port} -> ${endpoints.map(({ key }) => key).join(', ')}`
}

interface Case {
  readonly name: string
  readonly services: readonly Service[]
  readonly virtual?: Readonly<Record<string, string>>
  /** From `ADDRESS PORT` to what is found there. */
  readonly want: Readonly<Record<string, string>>
}

const cases: readonly Case[] = [
  {
    name: 'a virtual address leads to the endpoints, at their own port',
    services: [serviceOf('a.test', { endpoints: [endpoint('10.0.0.1', { 80: 8080 })] })],
    virtual: { 'a.test': '240.240.0.1' },
    want: { '240.240.0.1 80': 'a.test:80 -> 10.0.0.1 8080' },
  },
  {
    name: 'two hosts share a port and keep their own endpoints',
    services: [
      serviceOf('a.test', { endpoints: [endpoint('10.0.0.1', { 80: 80 })] }),
      serviceOf('b.test', { endpoints: [endpoint('10.0.0.2', { 80: 80 })] }),
    ],
    virtual: { 'a.test': '240.240.0.1', 'b.test': '240.240.0.2' },
    want: {
      '240.240.0.1 80': 'a.test:80 -> 10.0.0.1 80',
      '240.240.0.2 80': 'b.test:80 -> 10.0.0.2 80',
    },
  },
  {
    name: 'two entries of one host share its address, each with its own ports',
    services: [
      serviceOf('a.test', { endpoints: [endpoint('10.0.0.1', { 80: 80 })] }),
      serviceOf('a.test', {
        createdAt: 1,
        ports: [servicePort(443)],
        endpoints: [endpoint('10.0.0.2', { 443: 443 })],
      }),
    ],
    virtual: { 'a.test': '240.240.0.1' },
    want: {
      '240.240.0.1 80': 'a.test:80 -> 10.0.0.1 80',
      '240.240.0.1 443': 'a.test:443 -> 10.0.0.2 443',
    },
  },
  {
    name: 'two entries of one host with the same port pool their endpoints, none twice',
    services: [
      serviceOf('a.test', { createdAt: 2, endpoints: [endpoint('10.0.0.2', { 80: 80 })] }),
      serviceOf('a.test', {
        createdAt: 1,
        endpoints: [endpoint('10.0.0.1', { 80: 80 }), endpoint('10.0.0.2', { 80: 80 })],
      }),
    ],
    virtual: { 'a.test': '240.240.0.1' },
    want: { '240.240.0.1 80': 'a.test:80 -> 10.0.0.1 80, 10.0.0.2 80' },
  },
  {
    name: 'an endpoint that does not know the port takes no part',
    services: [
      serviceOf('a.test', {
        ports: [servicePort(80), servicePort(81)],
        endpoints: [endpoint('10.0.0.1', { 80: 80 }), endpoint('unix:///run/x', { 80: 0, 81: 0 })],
      }),
    ],
    virtual: { 'a.test': '240.240.0.1' },
    want: {
      '240.240.0.1 80': 'a.test:80 -> 10.0.0.1 80, /run/x',
      '240.240.0.1 81': 'a.test:81 -> /run/x',
    },
  },
  {
    name: 'a port that nobody declares is refused only where nobody else answers',
    services: [serviceOf('a.test'), serviceOf('b.test', { addresses: [parseIp('198.51.100.1')] })],
    virtual: { 'a.test': '240.240.0.1' },
    want: {
      '240.240.0.1 81': 'undeclared a.test:81',
      '198.51.100.1 80': 'b.test:80 -> ',
      '198.51.100.1 81': 'unknown',
      '198.51.100.2 80': 'unknown',
    },
  },
  {
    name: 'an explicit address inside the virtual ranges is ours as well',
    services: [serviceOf('a.test', { addresses: [parseIp('240.240.7.7')] })],
    want: { '240.240.7.7 80': 'a.test:80 -> ', '240.240.7.7 81': 'undeclared a.test:81' },
  },
  {
    name: 'an address of the virtual ranges that nobody holds is unassigned',
    services: [],
    want: {
      '240.240.0.9 80': 'unassigned',
      '2001:2::9 80': 'unassigned',
      '240.241.0.1 80': 'unknown',
    },
  },
  {
    name: 'a virtual address from a former range goes on working',
    services: [serviceOf('a.test', { endpoints: [endpoint('10.0.0.1', { 80: 80 })] })],
    virtual: { 'a.test': '10.99.0.1' },
    want: {
      '10.99.0.1 80': 'a.test:80 -> 10.0.0.1 80',
      '10.99.0.1 81': 'undeclared a.test:81',
    },
  },
  {
    name: 'of two hosts with one explicit address and port the older wins, others keep their ports',
    services: [
      serviceOf('young.test', {
        createdAt: 2,
        addresses: [parseIp('198.51.100.1')],
        ports: [servicePort(80), servicePort(81)],
      }),
      serviceOf('old.test', { createdAt: 1, addresses: [parseIp('198.51.100.1')] }),
    ],
    want: { '198.51.100.1 80': 'old.test:80 -> ', '198.51.100.1 81': 'young.test:81 -> ' },
  },
  {
    name: 'the most specific range that has the port wins, an exact address before any',
    services: [
      serviceOf('wide.test', {
        prefixes: [parsePrefix('198.51.0.0/16')],
        ports: [servicePort(80), servicePort(81)],
      }),
      serviceOf('narrow.test', { prefixes: [parsePrefix('198.51.100.0/24')] }),
      serviceOf('exact.test', { addresses: [parseIp('198.51.100.1')] }),
      serviceOf('six.test', { prefixes: [parsePrefix('2001:db8::/32')] }),
    ],
    want: {
      '198.51.100.1 80': 'exact.test:80 -> ',
      '198.51.100.1 81': 'wide.test:81 -> ',
      '198.51.100.2 80': 'narrow.test:80 -> ',
      '198.51.100.2 81': 'wide.test:81 -> ',
      '198.51.7.7 80': 'wide.test:80 -> ',
      '198.52.0.1 80': 'unknown',
      '2001:db8::5 80': 'six.test:80 -> ',
      '2001:db9::5 80': 'unknown',
    },
  },
  {
    name: 'of two hosts with one range the older wins',
    services: [
      serviceOf('young.test', { createdAt: 2, prefixes: [parsePrefix('198.51.100.0/24')] }),
      serviceOf('old.test', { createdAt: 1, prefixes: [parsePrefix('198.51.100.0/24')] }),
    ],
    want: { '198.51.100.2 80': 'old.test:80 -> ' },
  },
  {
    name: 'a UDP port is no port',
    services: [serviceOf('a.test', { ports: [servicePort(53, 'UDP'), servicePort(53, 'TCP')] })],
    virtual: { 'a.test': '240.240.0.1' },
    want: { '240.240.0.1 53': 'a.test:53 -> ' },
  },
  {
    name: 'a host with nothing but UDP ports declares none',
    services: [serviceOf('a.test', { ports: [servicePort(53, 'UDP')] })],
    virtual: { 'a.test': '240.240.0.1' },
    want: { '240.240.0.1 53': 'undeclared a.test:53' },
  },
  {
    name: 'endpoints that are not ready are left out, unless the service publishes them',
    services: [
      serviceOf('a.test', { endpoints: [endpoint('10.0.0.1', { 80: 80 }, { healthy: false })] }),
      serviceOf('b.test', {
        publishNotReady: true,
        endpoints: [endpoint('10.0.0.2', { 80: 80 }, { healthy: false })],
      }),
    ],
    virtual: { 'a.test': '240.240.0.1', 'b.test': '240.240.0.2' },
    want: { '240.240.0.1 80': 'a.test:80 -> ', '240.240.0.2 80': 'b.test:80 -> 10.0.0.2 80' },
  },
  {
    name: 'DNS_ROUND_ROBIN has one endpoint, the first',
    services: [
      serviceOf('a.test', {
        resolution: 'DNS_ROUND_ROBIN',
        endpoints: [endpoint('x.up.test', { 80: 81 }), endpoint('y.up.test', { 80: 80 })],
      }),
    ],
    virtual: { 'a.test': '240.240.0.1' },
    want: { '240.240.0.1 80': 'a.test:80 -> x.up.test 81' },
  },
  {
    name: 'a headless service is dialled at the addresses and ports of its endpoints',
    services: [
      serviceOf('hl.test', {
        headless: true,
        endpoints: [endpoint('10.0.0.1', { 80: 8080 }, { otherAddresses: [parseIp('fd00::1')] })],
      }),
    ],
    want: {
      '10.0.0.1 8080': 'hl.test:8080 -> ',
      'fd00::1 8080': 'hl.test:8080 -> ',
      '10.0.0.1 80': 'unknown',
    },
  },
]

describe('RouteTable', () => {
  for (const { name, services, virtual, want } of cases) {
    it(name, () => {
      const table = buildRouteTable(view(services, virtual), prefixes)
      const found = Object.keys(want).map((asked) => {
        const [address = '', port] = asked.split(' ')
        return [asked, describeMatch(table.find(parseIp(address), Number(port)))]
      })
      assert.deepEqual(Object.fromEntries(found), want)
    })
  }

  it('finds the same whatever the order of the services', () => {
    const services = [1, 2, 3].map((createdAt) =>
      serviceOf('a.test', {
        createdAt,
        ports: [servicePort(80), servicePort(createdAt)],
        endpoints: [endpoint(`10.0.0.${createdAt}`, { 80: 80, [createdAt]: createdAt })],
      }),
    )
    const find = (ordered: readonly Service[]) => {
      const table = buildRouteTable(view(ordered, { 'a.test': '240.240.0.1' }), prefixes)
      return [80, 1, 2, 3].map((port) => describeMatch(table.find(parseIp('240.240.0.1'), port)))
    }
    assert.deepEqual(find(services.toReversed()), find(services))
    assert.equal(find(services)[0], 'a.test:80 -> 10.0.0.1 80, 10.0.0.2 80, 10.0.0.3 80')
  })

  it('names the younger rivals for one explicit address and port', () => {
    const services = ['b.test', 'a.test'].map((host, createdAt) =>
      serviceOf(host, { createdAt, addresses: [parseIp('198.51.100.1')] }),
    )
    const match = buildRouteTable(view(services), prefixes).find(parseIp('198.51.100.1'), 80)
    assert.equal(match.kind === 'route' && match.route.host, 'b.test')
    assert.deepEqual(match.kind === 'route' && match.rivals.map(({ host }) => host), ['a.test'])
  })

  it('knows which addresses only the relay answers', () => {
    const services = [
      serviceOf('a.test'),
      serviceOf('b.test', { addresses: [parseIp('10.0.0.1')] }),
    ]
    const table = buildRouteTable(view(services, { 'a.test': '10.99.0.1' }), prefixes)
    const asked = ['10.99.0.1', '10.99.0.2', '10.0.0.1', '240.240.9.9', '2001:2::1']
    const virtual = asked.filter((address) => table.isVirtual(parseIp(address)))
    assert.deepEqual(virtual, ['10.99.0.1', '240.240.9.9', '2001:2::1'])
  })
})
