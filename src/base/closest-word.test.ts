import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closestWord } from './closest-word.ts'

interface Case {
  readonly name: string
  readonly word: string
  readonly want: string | undefined
}

const known = ['hosts', 'ports', 'endpoints', 'exportTo', 'DNS', 'NONE']

const cases: readonly Case[] = [
  { name: 'a letter too few', word: 'host', want: 'hosts' },
  { name: 'a letter too many', word: 'portss', want: 'ports' },
  { name: 'a wrong letter', word: 'endpaints', want: 'endpoints' },
  { name: 'another case', word: 'exportto', want: 'exportTo' },
  { name: 'two letters swapped in a short word', word: 'DSN', want: 'DNS' },
  { name: 'several mistakes in a long word', word: 'endpunkts', want: 'endpoints' },
  { name: 'the nearer of two', word: 'posts', want: 'hosts' },
  { name: 'nothing alike', word: 'replicas', want: undefined },
  { name: 'nothing at all', word: '', want: undefined },
]

describe('closestWord', () => {
  for (const { name, word, want } of cases) {
    it(`takes ${JSON.stringify(word)} for ${want ?? 'none'}: ${name}`, () => {
      assert.equal(closestWord(word, known), want)
    })
  }
})
