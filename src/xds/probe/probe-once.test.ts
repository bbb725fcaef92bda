import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js'
import { systemClock } from '../../base/clock.ts'
import type { ProbeMethod } from '../../config/readiness-probe.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { until } from '../../testing/until.ts'
import { probeOnce } from './probe-once.ts'

const never = new AbortController().signal
const http = { kind: 'http', path: '/ready?a=b c', host: '127.0.0.1', scheme: 'http' } as const

describe('probeOnce', () => {
  for (const status of [200, 302, 399]) {
    it(`takes HTTP status ${status} for healthy`, async (test) => {
      const { port } = await startHttp(test, status)
      assert.equal(await ask({ ...http, port, headers: [] }), undefined)
    })
  }

  for (const status of [400, 503]) {
    it(`takes HTTP status ${status} for unhealthy`, async (test) => {
      const { port } = await startHttp(test, status)
      assert.equal(await ask({ ...http, port, headers: [] }), `HTTP status ${status}`)
    })
  }

  it('asks for the path with the headers, the host included', async (test) => {
    const { port, seen } = await startHttp(test, 200)
    const headers = [
      { name: 'Host', value: 'app.test' },
      { name: 'X-Probe', value: '1' },
    ]
    await ask({ ...http, port, headers })
    assert.deepEqual(seen, ['/ready?a=b%20c app.test 1'])
  })

  it('connects by TCP', async (test) => {
    const { server, port } = await listen(test, createTcpServer())
    const method = { kind: 'tcp', host: '127.0.0.1', port } as const
    assert.equal(await ask(method), undefined)
    server.close()
    await once(server, 'close')
    assert.match((await ask(method)) ?? '', /ECONNREFUSED/)
  })

  it('runs a command, without a shell', async () => {
    const ended = (...command: string[]) => ask({ kind: 'exec', command })
    assert.equal(await ended('true'), undefined)
    assert.equal(await ended('sh', '-c', 'exit 3'), 'exit code 3')
    assert.match((await ended('no-such-program')) ?? '', /ENOENT/)
  })

  it('kills a command that takes too long', async () => {
    const clock = new FakeClock()
    const command = ['sh', '-c', 'sleep 100 & wait']
    let end: string | undefined
    void probeOnce({ kind: 'exec', command }, { clock, timeoutMs: 1_000, signal: never }).then(
      (reason) => (end = reason),
    )
    clock.advance(1_000)
    await until(() => end !== undefined)
    assert.equal(end, 'no answer in 1 s')
  })

  it('gives up an application that does not answer', async (test) => {
    const { port } = await listen(test, createTcpServer())
    const clock = new FakeClock()
    const method = { ...http, port, headers: [] }
    const asking = probeOnce(method, { clock, timeoutMs: 1_000, signal: never })
    clock.advance(1_000)
    assert.equal(await asking, 'no answer in 1 s')
  })

  it('asks the health service of gRPC', async (test) => {
    const port = await startGrpc(test)
    const asked = (service: string) => ask({ kind: 'grpc', port, service })
    assert.equal(await asked('good'), undefined)
    assert.equal(await asked('bad'), 'gRPC health status 2')
    assert.match((await ask({ kind: 'grpc', port: 1, service: '' })) ?? '', /UNAVAILABLE/)
  })
})

function ask(method: ProbeMethod): Promise<string | undefined> {
  return probeOnce(method, { clock: systemClock, timeoutMs: 20_000, signal: never })
}

async function startHttp(test: TestContext, status: number) {
  const seen: string[] = []
  const server = createServer(({ url, headers }, response) => {
    seen.push(`${url} ${headers.host} ${String(headers['x-probe'])}`)
    response.writeHead(status).end()
  })
  return { seen, ...(await listen(test, server)) }
}

async function listen(test: TestContext, server: Server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => server.close())
  server.on('connection', (socket) => test.after(() => socket.destroy()))
  const { port } = server.address() as AddressInfo
  return { server, port }
}

/** Serves `good`, and no other service. */
async function startGrpc(test: TestContext): Promise<number> {
  const server = new GrpcServer()
  const check = {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (octets: Buffer) => octets,
    requestDeserialize: (octets: Buffer) => octets,
    responseSerialize: (octets: Buffer) => octets,
    responseDeserialize: (octets: Buffer) => octets,
  } as const
  server.addService(
    { check },
    {
      check: ({ request }: { request: Buffer }, reply: (error: null, octets: Buffer) => void) => {
        const status = request.includes('good') ? 1 : 2
        reply(null, Buffer.from([8, status]))
      },
    },
  )
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.bindAsync('localhost:0', ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(port),
  )
  test.after(() => server.forceShutdown())
  return promise
}
