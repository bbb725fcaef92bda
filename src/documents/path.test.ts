import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPath, type Path } from './path.ts'

const cases: readonly { readonly name: string; readonly path: Path; readonly want: string }[] = [
  { name: 'the object itself', path: [], want: '' },
  { name: 'fields', path: ['spec', 'hosts'], want: 'spec.hosts' },
  { name: 'items', path: ['spec', 'ports', 1, 'name'], want: 'spec.ports[1].name' },
  { name: 'keys that are no words', path: ['labels', 'a/b.c'], want: 'labels["a/b.c"]' },
  { name: 'an empty key', path: ['labels', ''], want: 'labels[""]' },
  { name: 'an item of a list at the root', path: [0, 'a'], want: '[0].a' },
]

describe('formatPath', () => {
  for (const { name, path, want } of cases) {
    it(`writes ${name}`, () => assert.equal(formatPath(path), want))
  }
})
