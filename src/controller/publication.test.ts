import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromBinary } from '@bufbuild/protobuf'
import { parseIp } from '../ip/address.ts'
import type { CatalogChange } from '../registry/catalog.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import type { Sidecar } from '../registry/sidecar.ts'
import { type VirtualPair, virtualOwner } from '../registry/virtual-addresses.ts'
import { NameTableSchema } from '../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import { hostname } from '../testing/mesh.ts'
import { registeringProxy } from '../testing/registration.ts'
import { serviceOf } from '../testing/services.ts'
import type { ResourceChange } from '../translate/discovery/resource.ts'
import type { Proxy } from '../xds/proxy.ts'
import { Publication } from './publication.ts'

/** A catalog that a test changes; each new host gets the next virtual address. */
function createRig() {
  const services = new Map<Hostname, readonly Service[]>()
  const virtual = new Map<ReturnType<typeof virtualOwner>, VirtualPair>()
  let sidecars: readonly Sidecar[] = []
  let tell: (change: CatalogChange) => void = () => {}
  const catalog = {
    services: () => services,
    virtualAddresses: () => virtual,
    sidecars: () => sidecars,
    follow: (onChange: (change: CatalogChange) => void) => {
      tell = onChange
    },
  }
  const publication = new Publication(catalog, {
    clusterId: 'c',
    rootNamespace: 'root',
    ownNamespace: 'root',
  })
  const heard: string[] = []
  const namesOf = ({ put, drop }: ResourceChange) => [
    ...put.map(({ name }) => `+${name}`),
    ...drop.map((name) => `-${name}`),
  ]
  const audience = {
    publish: (change: ResourceChange) => void heard.push(...namesOf(change)),
    singlesChanged: () => void heard.push('tables'),
    scopesChanged: () => void heard.push('scopes'),
  }
  return {
    publication,
    audience,
    heard,
    namesOf,
    services,
    declare: (host: string) => {
      services.set(hostname(host), [serviceOf(host)])
      const v4 = parseIp(`240.240.0.${virtual.size + 1}`)
      virtual.set(virtualOwner('default', hostname(host)), { v4 })
      tell({ hosts: new Set([hostname(host)]), sidecars: false })
    },
    remove: (host: string) => {
      services.delete(hostname(host))
      tell({ hosts: new Set([hostname(host)]), sidecars: false })
    },
    setSidecars: (list: readonly Sidecar[]) => {
      sidecars = list
      tell({ hosts: new Set(), sidecars: true })
    },
  }
}

function tableOf(publication: Publication, facts: Partial<Proxy> = {}): readonly string[] {
  const { octets } = publication.nameTableOf(registeringProxy(facts))
  const { table } = fromBinary(NameTableSchema, octets)
  return Object.entries(table).map(([name, { ips }]) => `${name} ${ips.join(',')}`)
}

describe('Publication', () => {
  it('gives everything once, then what changed meanwhile, then each change', async () => {
    const { publication, audience, heard, namesOf, declare, remove } = createRig()
    declare('a.test')
    assert.deepEqual((await publication.everything()).flatMap(namesOf), ['+default/a.test'])
    declare('b.test')
    assert.deepEqual(heard, [])
    publication.open(audience)
    assert.deepEqual(heard.splice(0), ['+default/b.test', 'tables', 'scopes'])
    remove('a.test')
    assert.deepEqual(heard, ['-default/a.test', 'tables'])
  })

  it('lets others have their turn while it gathers, and tells what changed meanwhile in its order', async () => {
    const { publication, namesOf, services, declare, remove } = createRig()
    const last = 299
    for (let at = 0; at <= last; at += 1)
      services.set(hostname(`h${at}.test`), [serviceOf(`h${at}.test`)])
    const gathering = publication.everything()
    remove('h0.test')
    remove(`h${last}.test`)
    declare('new.test')
    const told = (await gathering).flatMap(namesOf)
    const of = (name: string) => told.filter((one) => one.endsWith(`/${name}`))
    assert.deepEqual(of('h0.test'), ['+default/h0.test', '-default/h0.test'])
    assert.deepEqual(of(`h${last}.test`), [])
    assert.deepEqual(of('new.test'), ['+default/new.test'])
    assert.equal(told.length, last + 2)
  })

  it('says when proxies may see something else', async () => {
    const { publication, audience, heard, declare, setSidecars } = createRig()
    declare('a.test')
    await publication.everything()
    publication.open(audience)
    heard.splice(0)
    const egress = [{ namespace: '*', host: 'b.test' }]
    const sidecar = { namespace: 'root', name: 'all', egress, createdAt: 0 }
    const seen = { namespace: 'default', host: hostname('a.test'), exportTo: ['*'] }
    assert.equal(publication.scopeOf(registeringProxy()).sees(seen), true)
    setSidecars([sidecar])
    assert.equal(publication.scopeOf(registeringProxy()).sees(seen), false)
    publication.setRootNamespace('root')
    assert.deepEqual(heard.splice(0), ['scopes'])
    publication.setRootNamespace('elsewhere')
    assert.equal(publication.scopeOf(registeringProxy()).sees(seen), true)
    assert.deepEqual(heard, ['scopes'])
  })

  it('makes one name table for all who see the same, and brings it up to date when asked', () => {
    const { publication, declare, remove } = createRig()
    declare('a.test')
    const first = publication.nameTableOf(registeringProxy())
    assert.equal(publication.nameTableOf(registeringProxy({ name: 'other' })), first)
    declare('b.test')
    assert.deepEqual(tableOf(publication), ['a.test 240.240.0.1', 'b.test 240.240.0.2'])
    remove('a.test')
    assert.deepEqual(tableOf(publication), ['b.test 240.240.0.2'])
  })

  it('gives virtual addresses to nobody who does not answer questions himself', () => {
    const { publication, declare } = createRig()
    declare('a.test')
    assert.deepEqual(tableOf(publication, { dnsCapture: false }), [])
    assert.deepEqual(tableOf(publication, { dnsCapture: false, type: 'waypoint' }), [
      'a.test 240.240.0.1',
    ])
  })

  it('keeps no more tables than a mesh needs', () => {
    const { publication, declare } = createRig()
    declare('a.test')
    const first = publication.nameTableOf(registeringProxy())
    for (let at = 0; at < 40; at += 1) tableOf(publication, { namespace: `n${at}` })
    const again = publication.nameTableOf(registeringProxy())
    assert.notEqual(again, first)
    assert.equal(again.version, first.version)
  })
})
