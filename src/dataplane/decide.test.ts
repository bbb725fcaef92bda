import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { Service } from '../registry/service.ts'
import { endpoint, hostname, servicePort } from '../testing/mesh.ts'
import { routeTable } from '../testing/relay-rig.ts'
import { serviceOf } from '../testing/services.ts'
import { type Decision, decide, decideByName, type NameNeeded, needsName } from './decide.ts'
import { RelayOptions } from './options.ts'

interface Case {
  readonly name: string
  readonly services?: readonly Service[]
  readonly virtual?: Readonly<Record<string, string>>
  readonly options?: Partial<RelayOptions>
  readonly at: string
  /** What the client names, if it is asked. */
  readonly named?: string
  readonly want: string
}

const virtual = { 'a.test': '240.240.0.1', '*.w.test': '240.240.0.2' }
const registryOnly = { unknownDestination: 'REGISTRY_ONLY' } as const
const passthrough = { undeclaredPort: 'PASSTHROUGH' } as const
const none = { resolution: 'NONE', allocatable: false } as const
const endpoints = [endpoint('10.0.0.1', { 80: 80 })]
const shared = { addresses: [parseIp('198.51.100.1')], endpoints, ports: [servicePort(80, 'TLS')] }

const cases: readonly Case[] = [
  { name: 'an unknown address is passed', at: '192.0.2.1 80', want: 'original 80' },
  {
    name: 'an unknown address is refused where only the mesh is allowed',
    options: registryOnly,
    at: '192.0.2.1 80',
    want: 'not_in_registry',
  },
  {
    name: 'a plain service without an address opens its port',
    services: [serviceOf('a.test', { ...none, ports: [servicePort(5432, 'TCP')] })],
    options: registryOnly,
    at: '192.0.2.1 5432',
    want: 'original 5432',
  },
  {
    name: 'a service without an address opens no other port',
    services: [serviceOf('a.test', { ...none, ports: [servicePort(5432, 'TCP')] })],
    options: registryOnly,
    at: '192.0.2.1 5433',
    want: 'not_in_registry',
  },
  {
    name: 'a TLS service without an address opens its port to its own name',
    services: [serviceOf('*.w.test', { ...none, ports: [servicePort(443, 'TLS')] })],
    options: registryOnly,
    at: '192.0.2.1 443',
    named: 'en.w.test',
    want: 'original 443',
  },
  {
    name: 'a TLS service without an address opens its port to no other name',
    services: [serviceOf('*.w.test', { ...none, ports: [servicePort(443, 'TLS')] })],
    options: registryOnly,
    at: '192.0.2.1 443',
    named: 'other.test',
    want: 'not_in_registry',
  },
  {
    name: 'a service that has an address opens nothing else',
    services: [serviceOf('a.test', { ports: [servicePort(5432, 'TCP')] })],
    virtual,
    options: registryOnly,
    at: '192.0.2.1 5432',
    want: 'not_in_registry',
  },
  {
    name: 'an undeclared port is refused',
    services: [serviceOf('a.test')],
    virtual,
    at: '240.240.0.1 81',
    want: 'port_not_declared',
  },
  {
    name: 'an undeclared port goes to the real host, where that is allowed',
    services: [serviceOf('a.test')],
    virtual,
    options: passthrough,
    at: '240.240.0.1 81',
    want: 'name a.test 81',
  },
  {
    name: 'an undeclared port of a wildcard goes to the host that the client names',
    services: [serviceOf('*.w.test')],
    virtual,
    options: passthrough,
    at: '240.240.0.2 81',
    named: 'x.w.test',
    want: 'name x.w.test 81',
  },
  {
    name: 'a wildcard with endpoints needs no name',
    services: [serviceOf('*.w.test', { endpoints })],
    virtual,
    at: '240.240.0.2 80',
    want: 'endpoints of *.w.test',
  },
  {
    name: 'NONE goes to the address that was dialled',
    services: [serviceOf('a.test', { ...none, prefixes: [parsePrefix('192.0.2.0/24')] })],
    at: '192.0.2.9 80',
    want: 'original 80',
  },
  {
    name: 'NONE beside an entry that has a virtual address goes to the real host',
    services: [serviceOf('a.test'), serviceOf('a.test', { ...none, ports: [servicePort(443)] })],
    virtual,
    at: '240.240.0.1 443',
    want: 'name a.test 443',
  },
  {
    name: 'NONE with an explicit address inside the virtual ranges goes to the real host',
    services: [serviceOf('a.test', { ...none, addresses: [parseIp('240.240.5.5')] })],
    at: '240.240.5.5 80',
    want: 'name a.test 80',
  },
  {
    name: 'DYNAMIC_DNS without a name is refused',
    services: [serviceOf('*.w.test', { resolution: 'DYNAMIC_DNS' })],
    virtual,
    at: '240.240.0.2 80',
    want: 'no_server_name',
  },
  {
    name: 'of rivals the named one is chosen',
    services: [serviceOf('a.test', shared), serviceOf('b.test', shared)],
    at: '198.51.100.1 80',
    named: 'b.test',
    want: 'endpoints of b.test',
  },
  {
    name: 'of rivals the oldest is chosen when the client names neither',
    services: [serviceOf('b.test', { ...shared, createdAt: 1 }), serviceOf('a.test', shared)],
    at: '198.51.100.1 80',
    named: 'c.test',
    want: 'endpoints of a.test',
  },
  {
    name: 'of rivals the oldest is chosen when one of them speaks an unknown protocol',
    services: [
      serviceOf('a.test', shared),
      serviceOf('b.test', { ...shared, createdAt: 1, ports: [servicePort(80, 'TCP')] }),
    ],
    at: '198.51.100.1 80',
    named: 'b.test',
    want: 'endpoints of a.test',
  },
]

function describeDecision(decision: Decision): string {
  switch (decision.kind) {
    case 'refused':
      return decision.reason
    case 'original':
      return `original ${decision.port}`
    case 'endpoints':
      return `endpoints of ${decision.route.host}`
    case 'name':
      return `name ${decision.name} ${decision.port}`
  }
}

describe('decide', () => {
  for (const { name, services = [], virtual, options, at, named, want } of cases) {
    it(name, () => {
      const [address = '', port] = at.split(' ')
      const match = routeTable(services, virtual).find(parseIp(address), Number(port))
      const first: Decision | NameNeeded = decide(
        match,
        Number(port),
        RelayOptions.parse(options ?? {}),
      )
      const said = named === undefined ? undefined : hostname(named)
      const decision = needsName(first) ? decideByName(first, said) : first
      assert.equal(describeDecision(decision), want)
    })
  }
})
