import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonPatch, type PatchStep } from './json-patch.ts'

interface Case {
  readonly name: string
  readonly before: unknown
  readonly after: unknown
  readonly want: readonly PatchStep[]
}

const cases: readonly Case[] = [
  { name: 'nothing', before: { a: [1, { b: 2 }] }, after: { a: [1, { b: 2 }] }, want: [] },
  {
    name: 'a key that is new, one that is gone, one that is other',
    before: { a: { kept: 1, gone: 2, other: 3 } },
    after: { a: { kept: 1, other: 4, fresh: 5 } },
    want: [
      { op: 'remove', path: '/a/gone' },
      { op: 'replace', path: '/a/other', value: 4 },
      { op: 'add', path: '/a/fresh', value: 5 },
    ],
  },
  {
    name: 'a list that is other',
    before: { a: [1, 2] },
    after: { a: [2, 1] },
    want: [{ op: 'replace', path: '/a', value: [2, 1] }],
  },
  {
    name: 'keys that have to be escaped',
    before: { m: {} },
    after: { m: { 'a/b~c': 1 } },
    want: [{ op: 'add', path: '/m/a~1b~0c', value: 1 }],
  },
  {
    name: 'a map in place of nothing',
    before: { a: null },
    after: { a: {} },
    want: [{ op: 'replace', path: '/a', value: {} }],
  },
]

describe('jsonPatch', () => {
  for (const { name, before, after, want } of cases) {
    it(name, () => assert.deepEqual(jsonPatch(before, after), want))
  }
})
