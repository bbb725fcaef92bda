import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import { listObjects } from './list-objects.ts'

interface Case {
  readonly name: string
  /** Answers, the last of them for ever. */
  readonly pages: readonly PlainMap[]
}

const good = { resourceVersion: '7' }

const cases: readonly Case[] = [
  { name: 'something else', pages: [{ kind: 'Status' }] },
  { name: 'a list without a version', pages: [{ metadata: {}, items: [] }] },
  {
    name: 'a list with an empty version',
    pages: [{ metadata: { resourceVersion: '' }, items: [] }],
  },
  { name: 'a list of no list', pages: [{ metadata: good, items: 'a' }] },
  {
    name: 'the same page without end',
    pages: [{ metadata: { ...good, continue: 'x' }, items: [] }],
  },
]

describe('listObjects', () => {
  for (const { name, pages } of cases) {
    it(`refuses ${name}`, async () => {
      let asked = 0
      const client = {
        async call() {
          asked += 1
          return pages[Math.min(asked, pages.length) - 1] ?? {}
        },
      }
      const query = {
        path: '/api/v1/pods',
        selectors: {},
        signal: new AbortController().signal,
        accept: '',
        pageSize: 1,
      }
      await assert.rejects(
        listObjects(query, client, () => {}),
        {
          code: 'KUBERNETES_API',
          message: 'GET /api/v1/pods: this is no list',
        },
      )
      assert.ok(asked <= 2)
    })
  }
})
