import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { Dispatcher } from 'undici'
import type { PlainMap } from '../../documents/plain-map.ts'
import { ClusterClient } from './cluster-client.ts'

/** A client of a server that begins each answer with this, and never ends it. */
async function startClient(test: TestContext, beginning: string): Promise<ClusterClient> {
  const server = createServer((_, response) => {
    response.flushHeaders()
    response.write(beginning)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return clientOf((server.address() as AddressInfo).port)
}

function clientOf(port: number): ClusterClient {
  return new ClusterClient({
    name: 'test',
    isOwnPod: false,
    server: `http://127.0.0.1:${port}`,
    namespace: 'default',
    authorize: async () => ({ headers: {}, dispatcher: undefined }),
  })
}

const watched = { path: '/api/v1/pods', query: {} }

describe('a watch', () => {
  it('just ends when whoever watches has enough', async (test) => {
    const client = await startClient(test, '{"type":"ADDED","object":{}}\n')
    const own = new AbortController()
    await client.watch({ ...watched, signal: own.signal, onEvent: () => own.abort() })
  })

  it('has an event whole that comes in many pieces', async (test) => {
    const texts = ['ü'.repeat(300_000), 'short', '€'.repeat(100_000)]
    const lines = texts.map((text) => `${JSON.stringify({ type: 'ADDED', object: { text } })}\n`)
    const client = await startClient(test, lines.join(''))
    const own = new AbortController()
    const heard: unknown[] = []
    const onEvent = (_: string, { text }: PlainMap) => {
      if (heard.push(text) === texts.length) own.abort()
    }
    await client.watch({ ...watched, signal: own.signal, onEvent })
    assert.deepEqual(heard, texts)
  })

  it('breaks at an event that is longer than any object', async (test) => {
    const client = await startClient(test, ' '.repeat(17 * 1024 * 1024))
    const { signal } = new AbortController()
    await assert.rejects(client.watch({ ...watched, signal, onEvent: () => {} }), {
      code: 'KUBERNETES_API',
      message: 'GET /api/v1/pods: an event is too long',
    })
  })
})

describe('a call', () => {
  it('says that it is ours when it writes', async (test) => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.end('{}')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    test.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const client = clientOf(port)
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      await client.call({ method, path: '/api/v1/pods', query: { limit: 1 } })
    }
    const mark = '?fieldManager=meshdns&limit=1'
    assert.deepEqual(asked, [
      'GET /api/v1/pods?limit=1',
      `POST /api/v1/pods${mark}`,
      `PUT /api/v1/pods${mark}`,
      `PATCH /api/v1/pods${mark}`,
      'DELETE /api/v1/pods?limit=1',
    ])
  })
})

/** Fails as a connection does that meets a certificate like this. */
class Disbelieving extends Dispatcher {
  readonly #code: string

  constructor(code: string) {
    super()
    this.#code = code
  }

  override dispatch(): boolean {
    throw Object.assign(new Error('what OpenSSL says; what Node advises'), { code: this.#code })
  }
}

describe('a cluster whose certificate is not believed', () => {
  for (const [code, want] of Object.entries({
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: /cannot be believed: what OpenSSL says$/,
    ERR_TLS_CERT_ALTNAME_INVALID: /cannot be believed: what OpenSSL says$/,
    ECONNREFUSED: /does not answer: what OpenSSL says; what Node advises$/,
  })) {
    it(`is told from one that does not answer: ${code}`, async () => {
      const client = new ClusterClient({
        name: 'test',
        isOwnPod: false,
        server: 'https://cluster.test',
        namespace: 'default',
        authorize: async () => ({ headers: {}, dispatcher: new Disbelieving(code) }),
      })
      await assert.rejects(client.call({ path: '/version' }), want)
    })
  }
})
