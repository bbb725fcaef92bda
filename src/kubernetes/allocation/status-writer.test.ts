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
  readonly message?: string
  /** What is read afterwards: its uid and version; missing when it is gone. */
  readonly now?: string
  readonly want: string
}

const cases: readonly Case[] = [
  { name: 'written', status: 0, want: 'written' },
  { name: 'a test that failed, as it changed', status: 422, now: 'u 8', want: 'changed' },
  { name: 'a race inside of the server', status: 409, now: 'u 7', want: 'changed' },
  { name: 'refused, although it did not change', status: 422, now: 'u 7', want: 'refused' },
  {
    name: 'deleted before',
    status: 404,
    message: 'serviceentries.networking.istio.io "a.b" not found',
    want: 'gone',
  },
  {
    name: 'refused as the version is not served any more',
    status: 404,
    message: 'the server could not find the requested resource',
    want: 'refused',
  },
  { name: 'deleted meanwhile', status: 422, want: 'gone' },
  { name: 'another one of the same name', status: 422, now: 'w 9', want: 'gone' },
  {
    name: 'refused by a webhook of somebody',
    status: 403,
    message: 'admission webhook "of.somebody" denied the request: no',
    want: 'refused',
  },
  {
    name: 'refused as a webhook of somebody does not answer',
    status: 500,
    message: 'Internal error occurred: failed calling webhook "of.somebody"',
    want: 'refused',
  },
  { name: 'too large for a request', status: 413, want: 'refused' },
  {
    name: 'too large to be kept',
    status: 500,
    message: 'etcdserver: request is too large',
    want: 'refused',
  },
]

describe('writeStatus', () => {
  for (const { name, status, message, now, want } of cases) {
    it(name, async () => {
      const client = {
        async call({ method = 'GET' }: ApiCall) {
          if (method === 'PATCH' && status !== 0) throw failure(status, message)
          if (method === 'GET' && now === undefined) throw failure(404)
          return objectOf(now ?? 'u 8')
        },
      }
      assert.equal((await write(client)).kind, want)
    })
  }

  for (const [status, message] of [
    [429, 'too many requests'],
    [500, 'etcdserver: leader changed'],
    [
      403,
      'serviceentries "a.b" is forbidden: User "x" cannot patch resource "serviceentries/status"',
    ],
    [401, 'Unauthorized'],
  ] as const) {
    it(`leaves to its caller what is no matter of one entry: ${status}`, async () => {
      const client = { call: () => Promise.reject(failure(status, message)) }
      await assert.rejects(write(client), { status })
    })
  }

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

function failure(status: number, message = `status ${status}`): ApiFailure {
  return new ApiFailure('the call', { status, reason: '', message })
}
