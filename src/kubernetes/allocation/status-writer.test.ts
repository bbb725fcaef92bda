import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import { ApiFailure } from '../client/api-failure.ts'
import type { ApiCall } from '../client/cluster-client.ts'
import { readEntry } from './entry.ts'
import { writeStatus } from './status-writer.ts'

interface Case {
  readonly name: string
  /** Of the patch; 0 when it is done. */
  readonly status: number
  /** What is read afterwards: its uid and version; missing when it is gone. */
  readonly now?: string
  readonly want: string
}

const cases: readonly Case[] = [
  { name: 'written', status: 0, want: 'written' },
  { name: 'a test that failed, as it changed', status: 422, now: 'u 8', want: 'changed' },
  { name: 'a race inside of the server', status: 409, now: 'u 7', want: 'changed' },
  { name: 'refused, although it did not change', status: 422, now: 'u 7', want: 'refused' },
  { name: 'deleted before', status: 404, want: 'gone' },
  { name: 'deleted meanwhile', status: 422, want: 'gone' },
  { name: 'another one of the same name', status: 422, now: 'w 9', want: 'gone' },
]

describe('writeStatus', () => {
  for (const { name, status, now, want } of cases) {
    it(name, async () => {
      const client = {
        async call({ method = 'GET' }: ApiCall) {
          if (method === 'PATCH' && status !== 0) throw failure(status)
          if (method === 'GET' && now === undefined) throw failure(404)
          return objectOf(now ?? 'u 8')
        },
      }
      assert.equal((await write(client)).kind, want)
    })
  }

  it('leaves to its caller what is no matter of one entry', async () => {
    const client = { call: () => Promise.reject(failure(429)) }
    await assert.rejects(write(client), { status: 429 })
  })

  it('sends a JSON Patch to the status in the version that is served', async () => {
    const calls: ApiCall[] = []
    const call = async (one: ApiCall) => {
      calls.push(one)
      return objectOf('u 8')
    }
    await write({ call })
    assert.deepEqual(calls[0], {
      method: 'PATCH',
      path: '/apis/networking.istio.io/v1beta1/namespaces/default/serviceentries/a.b/status',
      query: { fieldManager: 'meshdns' },
      body: [{ op: 'remove', path: '/x' }],
      contentType: 'application/json-patch+json',
    })
  })
})

function write(client: Parameters<typeof writeStatus>[2]['client']) {
  const entry = readEntry(objectOf('u 7'))
  assert.ok(entry)
  return writeStatus(entry, [{ op: 'remove', path: '/x' }], { client, version: () => 'v1beta1' })
}

function objectOf(text: string): PlainMap {
  const [uid, resourceVersion] = text.split(' ')
  return { metadata: { namespace: 'default', name: 'a.b', uid, resourceVersion } }
}

function failure(status: number): ApiFailure {
  return new ApiFailure('the call', { status, reason: '', message: `status ${status}` })
}
