import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiFailure } from '../client/api-failure.ts'
import type { ApiCall } from '../client/cluster-client.ts'
import { findVersion } from './find-version.ts'

const group = '/apis/networking.istio.io'
const kind = {
  group: 'networking.istio.io',
  versions: ['v1', 'v1beta1'],
  plural: 'serviceentries',
} as const

const named = { resources: [{ name: 'serviceentries' }] }
const others = { resources: [{ name: 'gateways' }] }
const list = { items: [] }

interface Case {
  readonly name: string
  /** Answers, or statuses, by what comes after the group; 404 when not said. */
  readonly says: Readonly<Record<string, object | number>>
  /** Or the status that is thrown. */
  readonly want: string | number | undefined
}

const cases: readonly Case[] = [
  { name: 'the one that is preferred', says: { '/v1': named, '/v1beta1': named }, want: 'v1' },
  { name: 'the next one', says: { '/v1': others, '/v1beta1': named }, want: 'v1beta1' },
  { name: 'none', says: { '/v1': others }, want: undefined },
  {
    name: 'one that is served and not named yet, as while a server starts',
    says: { '/v1/serviceentries': list },
    want: 'v1',
  },
  {
    name: 'the older one, served and not named yet',
    says: { '/v1': others, '/v1beta1/serviceentries': list },
    want: 'v1beta1',
  },
  {
    name: 'none where what is not named may not be seen',
    says: { '/v1/serviceentries': 403 },
    want: undefined,
  },
  {
    name: 'the one that is preferred where looking is forbidden',
    says: { '/v1': 403 },
    want: 'v1',
  },
  { name: 'nothing yet from a server that is not ready', says: { '/v1': 503 }, want: 503 },
  {
    name: 'nothing yet from one that does not list yet',
    says: { '/v1/serviceentries': 503 },
    want: 503,
  },
]

describe('findVersion finds', () => {
  for (const { name, says, want } of cases) {
    it(name, async () => {
      const client = {
        async call({ path }: ApiCall) {
          const said = says[path.slice(group.length)] ?? 404
          if (typeof said === 'object') return { ...said }
          throw new ApiFailure(path, { status: said, reason: '', message: 'no' })
        },
      }
      const { signal } = new AbortController()
      const found = findVersion(kind, { client, signal })
      if (typeof want === 'number') await assert.rejects(found, { status: want })
      else assert.equal(await found, want)
    })
  }
})
