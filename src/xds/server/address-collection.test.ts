import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addressResource } from '../../testing/address-resources.ts'
import { AddressCollection } from './address-collection.ts'

/** A cost for each pair of them would take minutes. */
const many = 100_000
const timeout = 30_000

describe('AddressCollection', () => {
  it('finds what goes by an alias, until it is gone', () => {
    const collection = new AddressCollection()
    const aliases = ['net/192.0.2.1']
    const put = ['ns1/a.test', 'ns1/b.test'].map((name) => addressResource(name, { aliases }))
    collection.apply({ put, drop: [] })
    const found = () => collection.find('net/192.0.2.1').map(({ name }) => name)
    assert.deepEqual(found(), ['ns1/a.test', 'ns1/b.test'])
    collection.apply({ put: [addressResource('ns1/a.test', { version: '2' })], drop: [] })
    assert.deepEqual(found(), ['ns1/b.test'])
    collection.apply({ put: [], drop: ['ns1/b.test'] })
    assert.deepEqual(found(), [])
  })

  it('takes very many that share an address, as those behind one gateway do', { timeout }, () => {
    const collection = new AddressCollection()
    const aliases = ['net/192.0.2.1']
    const names = Array.from({ length: many }, (_, at) => `ns1/h${at}.test`)
    collection.apply({ put: names.map((name) => addressResource(name, { aliases })), drop: [] })
    assert.equal(collection.find('net/192.0.2.1').length, many)
    collection.apply({ put: [], drop: names })
    assert.equal(collection.size, 0)
  })
})
