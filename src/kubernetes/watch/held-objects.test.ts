import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import { HeldObjects } from './held-objects.ts'

/** `NAME VERSION WORD`; nobody wants the word `unwanted`, and `faulty` cannot be read. */
function object(text: string): PlainMap {
  const [name, resourceVersion, word] = text.split(' ')
  return { metadata: { name, namespace: 'ns1', resourceVersion }, word }
}

interface Case {
  readonly name: string
  readonly listed: readonly string[]
  /** Event, or objects of a list. */
  readonly next: readonly [type: string, object: string] | readonly string[]
  readonly isList?: boolean
  readonly held: readonly string[]
  readonly put?: readonly string[]
  readonly gone?: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'takes a change',
    listed: ['a 1 old'],
    next: ['MODIFIED', 'a 2 new'],
    held: ['new'],
    put: ['new'],
  },
  { name: 'takes no version twice', listed: ['a 1 old'], next: ['ADDED', 'a 1 x'], held: ['old'] },
  {
    name: 'drops what nobody wants any more',
    listed: ['a 1 old'],
    next: ['MODIFIED', 'a 2 unwanted'],
    held: [],
    gone: ['old'],
  },
  {
    name: 'keeps what cannot be read any more',
    listed: ['a 1 old'],
    next: ['MODIFIED', 'a 2 faulty'],
    held: ['old'],
  },
  { name: 'passes over types that nobody knows', listed: [], next: ['ODD', 'a 1 x'], held: [] },
  {
    name: 'tells of a list what is different',
    listed: ['a 1 a', 'b 1 b', 'c 1 c'],
    isList: true,
    next: ['a 1 a', 'b 2 new', 'd 1 d'],
    held: ['a', 'new', 'd'],
    put: ['new', 'd'],
    gone: ['c'],
  },
  {
    name: 'keeps what cannot be read in a list, and drops what nobody wants there',
    listed: ['a 1 a', 'b 1 b'],
    isList: true,
    next: ['a 2 faulty', 'b 2 unwanted'],
    held: ['a'],
    gone: ['b'],
  },
]

describe('HeldObjects', () => {
  for (const { name, listed, next, isList = false, held, put = [], gone = [] } of cases) {
    it(name, () => {
      const objects = new HeldObjects<string>(
        ({ word }) => {
          if (word === 'faulty') throw new TypeError('cannot be read')
          return word === 'unwanted' ? undefined : String(word)
        },
        () => {},
      )
      const list = (texts: readonly string[]) => {
        const incoming = objects.beginList()
        for (const text of texts) incoming.take(object(text))
        return incoming.finish()
      }
      list(listed)
      const [type = '', changed = ''] = next
      const change = isList ? list(next) : objects.take(type, object(changed))
      assert.deepEqual(new Set(objects.items().values()), new Set(held))
      assert.deepEqual(change ?? { put: [], gone: [] }, { put, gone })
    })
  }
})
