import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromBinary } from '@bufbuild/protobuf'
import { parseIp } from '../../ip/address.ts'
import { NameTableSchema } from '../../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import { catalogOf } from '../../testing/catalogs.ts'
import { hostname } from '../../testing/mesh.ts'
import { serviceOf } from '../../testing/services.ts'
import {
  headless,
  headlessHost,
  podEntry,
  pods,
  proxy,
  randoms,
  tableCases,
  virtual,
  virtualCases,
} from './proxy-name-table.case.ts'
import { nameTableKey, ProxyNameTable } from './proxy-name-table.ts'

/** Each name as `REGISTRY SHORTNAME NAMESPACE IP IP …`, with `-` for what is empty. */
function tableOf(table: ProxyNameTable): Readonly<Record<string, string>> {
  const { table: entries } = fromBinary(NameTableSchema, table.message().octets)
  return Object.fromEntries(
    Object.entries(entries).map(([name, { ips, registry, shortname, namespace }]) => [
      name,
      [registry, shortname || '-', namespace || '-', ...ips].join(' '),
    ]),
  )
}

describe('ProxyNameTable', () => {
  for (const { name, reader = proxy(), services, virtual: held, want } of [
    ...tableCases,
    ...virtualCases,
  ]) {
    it(`gives ${name}`, () => {
      const table = new ProxyNameTable(catalogOf(services, held), reader)
      assert.deepEqual(tableOf(table), Object.fromEntries(want))
    })
  }

  it('has one version for one content, and one object while nothing changes', () => {
    const first = new ProxyNameTable(catalogOf(randoms, virtual), proxy())
    const second = new ProxyNameTable(catalogOf(randoms.toReversed(), virtual), proxy())
    const before = first.message()
    assert.equal(before.version, second.message().version)
    first.update(randoms.map(({ host }) => host))
    assert.equal(first.message(), before)
  })

  it('takes changes host by host, and comes back to the version that it had', () => {
    const services = new Map(catalogOf(randoms, virtual).services())
    const catalog = { ...catalogOf([], virtual), services: () => services }
    const table = new ProxyNameTable(catalog, proxy())
    const before = table.message()
    const host = hostname('random-2.host.example')
    services.delete(host)
    table.update([host])
    assert.ok(!Object.hasOwn(tableOf(table), host))
    assert.notEqual(table.message().version, before.version)
    services.set(host, randoms.slice(1, 2))
    table.update([host])
    assert.equal(table.message().version, before.version)
  })

  it('lets the pod of a Kubernetes Service have its name before an entry', () => {
    const entry = serviceOf(`pod1.${headlessHost}`, { addresses: [parseIp('192.0.2.1')] })
    for (const services of [
      [entry, headless(pods)],
      [headless(pods), entry],
    ]) {
      const table = tableOf(new ProxyNameTable(catalogOf(services), proxy()))
      assert.equal(table[`pod1.${headlessHost}`], podEntry('pod1', '1.2.3.4')[1])
    }
  })
})

describe('nameTableKey', () => {
  it('is the same for proxies that are told the same', () => {
    const key = nameTableKey(proxy())
    assert.equal(nameTableKey(proxy({ addresses: [parseIp('10.0.0.1')] })), key)
    for (const facts of [
      { namespace: 'ns2' },
      { addresses: [parseIp('fd00::1')] },
      { capturesDns: false },
      { network: 'nw1' },
    ]) {
      assert.notEqual(nameTableKey(proxy(facts)), key)
    }
  })
})
