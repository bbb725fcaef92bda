import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CatalogChange } from '../../registry/catalog.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { FakeSource } from '../../testing/fake-source.ts'
import { serviceOf } from '../../testing/services.ts'
import { ClusterCatalog } from './cluster-catalog.ts'
import { readEntry } from './entry.ts'
import { EntryTable } from './entry-table.ts'

interface EntryFacts {
  readonly namespace?: string
  readonly hosts?: readonly string[]
  /** `HOST N` for 240.240.0.N and 2001:2::N. */
  readonly standing?: readonly string[]
  readonly createdAt?: number
  readonly labels?: object
  readonly conditions?: readonly object[]
}

function createRig() {
  const clock = new FakeClock()
  const source = new FakeSource()
  const table = new EntryTable()
  const catalog = new ClusterCatalog({ clock, source, table }).start()
  const told: string[] = []
  catalog.follow(({ hosts, sidecars }: CatalogChange) =>
    told.push([...hosts, ...(sidecars ? ['sidecars'] : [])].join(' ')),
  )
  let version = 0
  const entryOf = (name: string, facts: EntryFacts) => {
    version += 1
    const { namespace = 'default', hosts = ['a.io'], standing = [], createdAt = 0 } = facts
    const addresses = standing.flatMap((text) => {
      const [host, at] = text.split(' ')
      return [
        { host, value: `240.240.0.${at}` },
        { host, value: `2001:2::${at}` },
      ]
    })
    const entry = readEntry({
      metadata: {
        namespace,
        name,
        uid: name,
        resourceVersion: String(version),
        generation: 1,
        creationTimestamp: new Date(createdAt * 1_000).toISOString(),
        labels: facts.labels,
      },
      spec: { hosts, resolution: 'STATIC' },
      status: { addresses, conditions: facts.conditions },
    })
    assert.ok(entry)
    return entry
  }
  const put = (name: string, facts: EntryFacts = {}) =>
    table.take({ put: [entryOf(name, facts)], gone: [] })
  const remove = (name: string) => table.take({ put: [], gone: [entryOf(name, {})] })
  const shown = () => [...catalog.services().keys()].join(' ')
  const addressOf = (owner: string) => catalog.virtualAddresses().get(owner as VirtualOwner)?.v4
  return { clock, source, table, catalog, told, put, remove, shown, addressOf }
}

const [a, b] = [serviceOf('a.io'), serviceOf('b.io')]
const elsewhere = serviceOf('a.io', { namespace: 'other' })
const exhausted = { type: 'meshdns.io/AddressesAllocated', status: 'False', observedGeneration: 1 }

describe('ClusterCatalog', () => {
  it('shows a Service whose host an entry declares as well, while the entry waits', () => {
    const { source, shown, put, catalog } = createRig()
    const ofKubernetes = serviceOf('a.io', {
      registry: 'Kubernetes',
      allocatable: false,
      headless: true,
    })
    source.set(ofKubernetes)
    put('entry')
    source.set(ofKubernetes, a)
    assert.equal(shown(), 'a.io')
    assert.deepEqual(catalog.services().get(a.host), [ofKubernetes])
  })

  it('shows a host together with its address, in one change', () => {
    const { source, put, shown, addressOf, told } = createRig()
    put('one')
    source.set(a)
    assert.deepEqual([shown(), told], ['', []])
    put('one', { standing: ['a.io 1'] })
    assert.deepEqual([shown(), addressOf('default/a.io')], ['a.io', '240.240.0.1'])
    assert.deepEqual(told, ['a.io'])
  })

  it('shows at once what wants no address', () => {
    const { source, shown } = createRig()
    source.set(
      serviceOf('none.io', { allocatable: false }),
      serviceOf('own.io', { addresses: ['192.0.2.1' as never] }),
    )
    assert.equal(shown(), 'none.io own.io')
  })

  it('tells of a change of status for that host only', () => {
    const { source, put, told } = createRig()
    put('one', { standing: ['a.io 1'] })
    put('two', { hosts: ['b.io'], standing: ['b.io 2'] })
    source.set(a, b)
    told.length = 0
    put('two', { hosts: ['b.io'], standing: ['b.io 3'] })
    assert.deepEqual(told, ['b.io'])
    put('two', { hosts: ['b.io'], standing: ['b.io 3'], conditions: [{ type: 'Other' }] })
    assert.deepEqual(told, ['b.io'], 'nothing changed')
  })

  it('withholds a host from the namespace only in which it has no address', () => {
    const { source, catalog, put } = createRig()
    put('one', { standing: ['a.io 1'] })
    put('two', { namespace: 'other' })
    source.set(a, elsewhere)
    assert.deepEqual(catalog.services().get(a.host), [a])
    put('two', { namespace: 'other', standing: ['a.io 2'] })
    assert.deepEqual(catalog.services().get(a.host), [a, elsewhere])
  })

  it('shows a host without an address when its entry says that there is none', () => {
    const { source, put, shown, addressOf } = createRig()
    put('one', { conditions: [{ ...exhausted, observedGeneration: 0 }] })
    source.set(a)
    assert.equal(shown(), '', 'said of an older spec')
    put('one', { conditions: [exhausted] })
    assert.deepEqual([shown(), addressOf('default/a.io')], ['a.io', undefined])
    put('one', { standing: ['a.io 1'] })
    assert.equal(addressOf('default/a.io'), '240.240.0.1')
  })

  it('waits as long as others get addresses, and no longer than 40 s when nobody does', () => {
    const { clock, source, put, shown, told } = createRig()
    put('one')
    source.set(a, b)
    clock.advance(30_000)
    put('two', { hosts: ['b.io'], standing: ['b.io 2'] })
    clock.advance(39_999)
    assert.equal(shown(), 'b.io')
    clock.advance(1)
    assert.equal(shown(), 'b.io a.io')
    put('one', { standing: ['a.io 1'] })
    assert.deepEqual(told, ['b.io', 'a.io', 'a.io'])
  })

  it('uses the word of the oldest entry, for both families', () => {
    const { source, catalog, put } = createRig()
    put('old', { createdAt: 1, standing: ['a.io 1'] })
    put('new', { createdAt: 2, standing: ['a.io 2'] })
    source.set(a)
    const pair = () => catalog.virtualAddresses().get('default/a.io' as VirtualOwner)
    assert.deepEqual(pair(), { v4: '240.240.0.1', v6: '2001:2::1' })
    put('old', {
      createdAt: 1,
      labels: { 'networking.istio.io/enable-autoallocate-ip': 'False' },
      standing: ['a.io 1'],
    })
    assert.deepEqual(pair(), { v4: '240.240.0.2', v6: '2001:2::2' })
  })

  it('keeps the address of a host whose entry goes while another one has none yet', () => {
    const { source, put, remove, addressOf, shown } = createRig()
    put('one', { standing: ['a.io 1'] })
    source.set(a)
    put('two')
    remove('one')
    assert.deepEqual([shown(), addressOf('default/a.io')], ['a.io', '240.240.0.1'])
    put('three', { hosts: ['b.io'], standing: ['b.io 1'] })
    source.set(a, b)
    assert.equal(addressOf('default/b.io'), '240.240.0.1')
    assert.equal(addressOf('default/a.io'), undefined, 'it stands for another host now')
  })

  it('forgets a host that is gone, or wants no address any more', () => {
    const { source, put, catalog, addressOf, told } = createRig()
    put('one', { standing: ['a.io 1'] })
    source.set(a)
    source.set({ ...a, allocatable: false })
    assert.equal(addressOf('default/a.io'), undefined)
    source.set()
    assert.deepEqual([catalog.services().size, told.at(-1)], [0, 'a.io'])
  })

  it('passes on that Sidecars changed', () => {
    const { source, told } = createRig()
    source.setSidecars()
    assert.deepEqual(told, ['sidecars'])
  })
})
