import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readEntry } from './entry.ts'
import { EntryTable } from './entry-table.ts'

const entryOf = (version: number, hosts: readonly string[] = ['a.io'], uid = 'u') => {
  const metadata = { namespace: 'default', name: 'one', uid, resourceVersion: String(version) }
  const entry = readEntry({ metadata, spec: { hosts, resolution: 'DNS' } })
  assert.ok(entry)
  return entry
}

function createRig() {
  const table = new EntryTable()
  const told: string[] = []
  table.follow(({ keys, hosts }) => told.push(`${[...keys].join()}: ${[...hosts].join()}`))
  const put = (...entry: Parameters<typeof entryOf>) =>
    table.take({ put: [entryOf(...entry)], gone: [] })
  const drop = (...entry: Parameters<typeof entryOf>) =>
    table.take({ put: [], gone: [entryOf(...entry)] })
  const version = () => table.get('default/one')?.resourceVersion
  return { table, told, put, drop, version }
}

describe('EntryTable', () => {
  it('tells which hosts an entry declares, or did', () => {
    const { told, put } = createRig()
    put(1)
    put(2, ['b.io'])
    assert.deepEqual(told, ['default/one: a.io', 'default/one: a.io,b.io'])
  })

  it('does not go back behind an answer when the watch is late', () => {
    const { table, put, version } = createRig()
    put(8)
    table.learn(entryOf(10))
    put(9)
    assert.equal(version(), '10')
    put(11)
    assert.equal(version(), '11')
  })

  it('believes the watch, also when it goes back: a store may be restored from a copy', () => {
    const { put, version } = createRig()
    put(100)
    put(7)
    assert.equal(version(), '7')
  })

  for (const [name, listed] of [
    ['as the watch told it last', 8],
    ['as the watch has not told it yet', 9],
  ] as const) {
    it(`believes a list that does not show an answer from before: it has the entry ${name}`, () => {
      const { table, put, version } = createRig()
      put(8)
      table.learn(entryOf(10))
      const taken = table.expectList()
      if (listed > 8) put(listed)
      assert.equal(version(), '10')
      taken(new Map([['default/one', entryOf(listed)]]))
      assert.equal(version(), String(listed))
      put(listed + 1)
      assert.equal(version(), String(listed + 1))
    })
  }

  it('does not go back for a list that was asked for before an answer', () => {
    const { table, put, version } = createRig()
    put(8)
    table.learn(entryOf(10))
    const taken = table.expectList()
    table.learn(entryOf(12))
    taken(new Map([['default/one', entryOf(11)]]))
    assert.equal(version(), '12')
    put(11)
    assert.equal(version(), '12')
  })

  it('learns nothing of an entry that went, or came anew, or is older', () => {
    const { table, put, drop, version } = createRig()
    put(5)
    table.learn(entryOf(4))
    assert.equal(version(), '5')
    drop(6)
    table.learn(entryOf(7))
    assert.equal(version(), undefined)
    put(8, ['a.io'], 'another')
    table.learn(entryOf(9))
    drop(6)
    assert.equal(version(), '8')
  })

  it('says nothing of a version that it has', () => {
    const { table, told, put } = createRig()
    put(1)
    put(1)
    table.learn(entryOf(1))
    assert.equal(told.length, 1)
    assert.deepEqual([...table.hosts()], ['a.io'])
  })
})
