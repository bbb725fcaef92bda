import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { endpoint, hostname } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import type { NameRecord } from './name-record.ts'
import { diffNameTables, nameTableOf } from './name-table.ts'
import type { Service } from './service.ts'
import { servicesByHost } from './services-by-host.ts'
import { viewOf } from './view.ts'
import { virtualOwner } from './virtual-addresses.ts'

const ip = parseIp

function tableOf(services: readonly Service[], namespace = 'default') {
  const pair = { v4: ip('240.240.0.1'), v6: ip('2001:2::1') }
  const held = new Map([
    [virtualOwner('default', hostname('auto.internal')), pair],
    [virtualOwner('default', hostname('*.wild.test')), pair],
  ])
  const view = viewOf(servicesByHost(services), held, { namespace, virtualFamilies: [4, 6] })
  return nameTableOf(view, { namespace, clusterDomain: 'cluster.local' })
}

function recordOf(host: string, services: readonly Service[], namespace?: string): NameRecord {
  const record = tableOf(services, namespace).get(hostname(host))
  assert.ok(record, `${host} has no record`)
  return record
}

const ready = endpoint('10.0.0.1', { 80: 8080 }, { hostname: 'db-0' })
const { origin } = ready
const notReady = endpoint('10.0.0.2', { 80: 8080 }, { hostname: 'db-1', healthy: false })
const dual = endpoint('10.0.0.3', { 80: 8080 }, { otherAddresses: [ip('fd00::3')] })

function kubernetes(host: string, fields: Partial<Service> = {}): Service {
  const [shortName = '', namespace = ''] = host.split('.')
  return serviceOf(host, { registry: 'Kubernetes', shortName, namespace, ...fields })
}

const headless = kubernetes('hl.ns1.svc.cluster.local', {
  headless: true,
  endpoints: [ready, notReady, dual],
})

describe('nameTableOf', () => {
  it('gives an explicit address before a virtual one', () => {
    const own = serviceOf('auto.internal', { addresses: [ip('192.0.2.1')] })
    assert.deepEqual(recordOf('auto.internal', [own]).addresses, ['192.0.2.1'])
    assert.deepEqual(recordOf('auto.internal', [serviceOf('auto.internal')]).addresses, [
      '240.240.0.1',
      '2001:2::1',
    ])
  })

  it('joins the addresses and ports of all entries of a host, each once', () => {
    const one = serviceOf('a.test', { addresses: [ip('192.0.2.1'), ip('192.0.2.2')] })
    const ports = [{ number: 443, name: 'https', protocol: 'TLS' }]
    const other = serviceOf('a.test', { addresses: [ip('192.0.2.2'), ip('192.0.2.3')], ports })
    const record = recordOf('a.test', [one, other])
    assert.deepEqual(record.addresses, ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    assert.deepEqual(
      record.ports.map(({ name }) => name),
      ['http', 'https'],
    )
    assert.deepEqual(record.reverse, record.addresses)
  })

  it('keeps every number of a port name that entries use for different ports', () => {
    const other = [{ number: 8080, name: 'http', protocol: 'HTTP' }]
    const entries = [serviceOf('a.test'), serviceOf('a.test', { ports: other })]
    const addressed = entries.map((entry) => ({ ...entry, addresses: [ip('192.0.2.1')] }))
    const { ports } = recordOf('a.test', [...addressed, ...addressed])
    assert.deepEqual(
      ports.map(({ number }) => number),
      [80, 8080],
    )
  })

  it('lets a Kubernetes Service alone say the addresses of its host, in either order', () => {
    const host = 'web.default.svc.cluster.local'
    const entry = serviceOf(host, { addresses: [ip('192.0.2.1')] })
    const service = kubernetes(host, { addresses: [ip('10.96.0.1')] })
    for (const services of [
      [entry, service],
      [service, entry],
    ]) {
      assert.deepEqual(recordOf(host, services).addresses, ['10.96.0.1'])
    }
  })

  it('has no record for hosts without any address', () => {
    const range = { network: ip('172.217.0.0'), length: 16 }
    const services = [
      serviceOf('none.test', { resolution: 'NONE' }),
      serviceOf('range.test', { prefixes: [range] }),
      serviceOf('selected.test', { endpoints: [ready] }),
    ]
    assert.deepEqual([...tableOf(services).keys()], [])
  })

  it('keeps a headless Service that has no endpoint: it is known to be empty', () => {
    const host = 'idle.ns1.svc.cluster.local'
    const record = recordOf(host, [kubernetes(host, { headless: true, endpoints: [notReady] })])
    assert.deepEqual([record.addresses, record.endpoints], [[], []])
    assert.deepEqual(record.cluster, { domain: 'cluster.local', headless: true })
  })

  it('gives endpoints of other Services names as well, by address, with their own ports', () => {
    const host = 'web.ns1.svc.cluster.local'
    const ports = [
      { number: 80, name: '', protocol: '' },
      { number: 53, name: 'dns', protocol: 'UDP' },
      { number: 132, name: 'sync', protocol: 'SCTP' },
    ]
    const zeros = endpoint('fd00::', { 80: 8080, 132: 132 })
    const service = { addresses: [ip('10.96.0.1')], ports, endpoints: [zeros] }
    const record = recordOf(host, [kubernetes(host, service)])
    assert.deepEqual(
      record.ports.map(({ name, protocol, number }) => `${name} ${protocol} ${number}`),
      [' tcp 80', 'dns udp 53', 'sync sctp 132'],
    )
    assert.deepEqual(record.endpoints, [
      {
        label: 'fd00--0',
        addresses: ['fd00::'],
        ports: [
          { name: '', protocol: 'tcp', number: 8080 },
          { name: 'sync', protocol: 'sctp', number: 132 },
        ],
      },
    ])
  })

  it('has no names for machines that a Service selects: kube-dns does not know them', () => {
    const machine = { ...origin, kind: 'WorkloadEntry' }
    const endpoints = [ready, endpoint('192.0.2.7', { 80: 80 }, { origin: machine })]
    const fields = { addresses: [ip('10.96.0.1')], endpoints }
    const plain = recordOf('web.ns1.svc.cluster.local', [
      kubernetes('web.ns1.svc.cluster.local', fields),
    ])
    const many = recordOf(headless.host, [{ ...headless, endpoints }])
    for (const record of [plain, many]) {
      assert.deepEqual(
        record.endpoints.map(({ label }) => label),
        ['db-0'],
      )
    }
    assert.deepEqual(many.addresses, ['10.0.0.1'])
    const entry = serviceOf('db.test', { headless: true, endpoints })
    assert.deepEqual(recordOf('db.test', [entry]).addresses, ['10.0.0.1', '192.0.2.7'])
  })

  it('calls no host a name of a cluster that a Service could not have', () => {
    const host = 'other.ns1.svc.cluster.local'
    const service = { shortName: 'web', addresses: [ip('10.96.0.1')], endpoints: [ready] }
    const record = recordOf(host, [kubernetes(host, service)])
    assert.equal(record.cluster, undefined)
    assert.deepEqual(record.endpoints, [])
  })

  it('gives the endpoints of a headless service that are ready, and their names', () => {
    const { addresses, reverse, endpoints } = recordOf('hl.ns1.svc.cluster.local', [headless])
    assert.deepEqual(addresses, ['10.0.0.1', '10.0.0.3', 'fd00::3'])
    assert.deepEqual(reverse, [])
    assert.deepEqual(
      endpoints.map(({ label, addresses: own }) => [label, ...own]),
      [
        ['db-0', '10.0.0.1'],
        ['10-0-0-3', '10.0.0.3'],
        ['fd00--3', 'fd00::3'],
      ],
    )
    assert.deepEqual(endpoints[0]?.ports, [{ name: 'http', protocol: 'tcp', number: 8080 }])
  })

  it('gives those that are not ready as well when the service wants it', () => {
    const eager = { ...headless, publishNotReady: true }
    const record = recordOf('hl.ns1.svc.cluster.local', [eager])
    assert.ok(record.addresses.includes(ip('10.0.0.2')))
    assert.ok(record.endpoints.some(({ label }) => label === 'db-1'))
  })

  it('knows a Kubernetes Service by its short names, the bare one in its own namespace only', () => {
    const service = kubernetes('web.ns1.svc.cluster.local', { addresses: [ip('10.96.0.1')] })
    const host = 'web.ns1.svc.cluster.local'
    assert.deepEqual(recordOf(host, [service]).aliases, ['web.ns1', 'web.ns1.svc'])
    assert.deepEqual(recordOf(host, [service], 'ns1').aliases, ['web', 'web.ns1', 'web.ns1.svc'])
    const remote = kubernetes('web.ns1.svc.cluster.remote', { addresses: [ip('10.96.0.2')] })
    assert.deepEqual(recordOf('web.ns1.svc.cluster.remote', [remote]).aliases, [])
  })

  it('keeps an external name', () => {
    const service = kubernetes('ext.ns1.svc.cluster.local', { externalName: hostname('up.test') })
    assert.equal(recordOf('ext.ns1.svc.cluster.local', [service]).externalName, 'up.test')
  })

  it('gives the address of a Service that an entry hides and has none itself', () => {
    const host = 'web.ns1.svc.cluster.local'
    const service = kubernetes(host, { addresses: [ip('10.96.0.1')] })
    const entry = serviceOf(host, { namespace: 'ns2', resolution: 'NONE' })
    const record = recordOf(host, [service, entry], 'ns2')
    assert.deepEqual(record.addresses, ['10.96.0.1'])
    assert.deepEqual(record.cluster, { domain: 'cluster.local', headless: false })
    const explicit = { ...entry, addresses: [ip('192.0.2.1')] }
    assert.deepEqual(recordOf(host, [service, explicit], 'ns2').addresses, ['192.0.2.1'])
    assert.deepEqual(recordOf(host, [service, explicit], 'ns3').addresses, ['10.96.0.1'])
  })

  it('gives a wildcard host its virtual address', () => {
    const record = recordOf('*.wild.test', [serviceOf('*.wild.test')])
    assert.deepEqual(record.addresses, ['240.240.0.1', '2001:2::1'])
  })
})

describe('diffNameTables', () => {
  const before = tableOf([serviceOf('auto.internal'), headless])

  it('finds nothing when nothing changed', () => {
    const again = tableOf([serviceOf('auto.internal'), headless])
    assert.deepEqual(diffNameTables(before, again), { put: [], drop: [] })
  })

  it('finds what is new, changed and gone', () => {
    const changed = { ...headless, endpoints: [ready] }
    const added = serviceOf('new.test', { addresses: [ip('192.0.2.1')] })
    const { put, drop } = diffNameTables(before, tableOf([changed, added]))
    assert.deepEqual(
      put.map(({ host }) => host),
      ['hl.ns1.svc.cluster.local', 'new.test'],
    )
    assert.deepEqual(drop, ['auto.internal'])
  })
})
