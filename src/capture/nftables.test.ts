import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePrefix } from '../ip/prefix.ts'
import { noAddresses, normalizePrefixes } from './address-set.ts'
import { renderAddressUpdate, renderElements } from './nftables.ts'

interface Case {
  readonly name: string
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly want: string
}

const cases: readonly Case[] = [
  {
    name: 'is empty when nothing changes',
    before: ['10.0.0.1/32'],
    after: ['10.0.0.1/32'],
    want: '',
  },
  {
    name: 'is empty when a range already holds what comes',
    before: ['10.0.0.0/24'],
    after: ['10.0.0.0/24', '10.0.0.9/32'],
    want: '',
  },
  {
    name: 'tells families apart',
    before: [],
    after: ['10.0.0.1/32', '2001:db8::/64', '10.0.0.2/32'],
    want:
      'add element inet meshdns addresses4 { 10.0.0.1, 10.0.0.2 }\n' +
      'add element inet meshdns addresses6 { 2001:db8::/64 }\n',
  },
  {
    name: 'takes out single addresses before their range comes',
    before: ['10.0.0.1/32', '10.0.1.1/32'],
    after: ['10.0.0.0/24', '10.0.1.1/32'],
    want:
      'delete element inet meshdns addresses4 { 10.0.0.1 }\n' +
      'add element inet meshdns addresses4 { 10.0.0.0/24 }\n',
  },
]

const many = setOf(Array.from({ length: 2_500 }, (_, at) => `10.${at >> 8}.${at & 255}.1/32`))

describe('renderAddressUpdate', () => {
  for (const { name, before, after, want } of cases) {
    it(name, () => {
      assert.equal(renderAddressUpdate(setOf(before), setOf(after)), want)
    })
  }

  it('leaves it to the whole plan when much changes', () => {
    assert.equal(renderAddressUpdate(many, noAddresses), undefined)
    assert.equal(renderAddressUpdate(noAddresses, many), undefined)
    assert.equal(renderAddressUpdate(many, normalizePrefixes(many.slice(1)))?.split('\n').length, 2)
  })
})

describe('renderElements', () => {
  it('keeps within what fits into a socket buffer', () => {
    assert.deepEqual(
      renderElements('add', many).map((update) => update.split(',').length),
      [1000, 1000, 500],
    )
  })
})

function setOf(texts: readonly string[]) {
  return normalizePrefixes(texts.map(parsePrefix))
}
