import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sortedYaml } from './sorted-yaml.ts'

const orders: readonly { readonly name: string; readonly keys: readonly string[] }[] = [
  { name: 'a shorter key before one that begins with it', keys: ['AB', 'ABC'] },
  { name: 'an underline before a letter', keys: ['META_X', 'METAJSON'] },
  { name: 'a digit before a letter', keys: ['A1', 'AA'] },
  { name: 'capitals before small letters', keys: ['B', 'a'] },
]

describe('sortedYaml', () => {
  for (const { name, keys } of orders) {
    it(`writes ${name}`, () => {
      const value = Object.fromEntries(keys.toReversed().map((key) => [key, '']))
      assert.equal(sortedYaml(value), keys.map((key) => `${key}: ""\n`).join(''))
    })
  }
})
