import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { Agent, request } from 'node:https'
import { describe, it } from 'node:test'
import { connect } from 'node:tls'
import { FakeClock } from '../testing/fake-clock.ts'
import { until } from '../testing/until.ts'
import {
  askHttp1,
  askHttp2,
  startWebhooks,
  type WebhookRig,
  webhookName,
} from '../testing/webhook-client.ts'
import type { ReviewHandler, ReviewHandlers } from './answer-review.ts'
import { reviewFailures, reviewSeconds, reviewsAnswered, reviewsRefused } from './meters.ts'

const review = (more: object = {}) =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: 'g', version: 'v1', kind: 'K' },
      operation: 'CREATE',
      ...more,
    },
  })

const handlers: ReviewHandlers = new Map<string, ReviewHandler>([
  [
    '/validate',
    ({ name }) => (name === 'bad' ? { allowed: false, message: 'no' } : { allowed: true }),
  ],
  ['/inject', async () => ({ allowed: true, patch: [{ op: 'add', path: '/a', value: 1 }] })],
  [
    '/broken',
    () => {
      throw new RangeError('out of luck')
    },
  ],
])

interface Case {
  readonly name: string
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly status: number
  readonly want: RegExp
}

const cases: readonly Case[] = [
  {
    name: 'answers under the uid of the question',
    path: '/validate?timeout=10s',
    body: review(),
    status: 200,
    want: /"uid":"u-1","allowed":true/,
  },
  {
    name: 'says why something is refused',
    path: '/validate',
    body: review({ name: 'bad' }),
    status: 200,
    want: /"allowed":false,"status":{"code":400,"message":"no"}/,
  },
  { name: 'carries patches', path: '/inject', body: review(), status: 200, want: /JSONPatch/ },
  { name: 'knows no other path', path: '/', body: review(), status: 404, want: /no such webhook/ },
  { name: 'takes no GET', method: 'GET', path: '/validate', status: 405, want: /POST/ },
  {
    name: 'says what is wrong with garbage',
    path: '/validate',
    body: '{',
    status: 400,
    want: /no JSON/,
  },
  {
    name: 'goes on when a webhook fails',
    path: '/broken',
    body: review(),
    status: 500,
    want: /the webhook failed: out of luck/,
  },
  {
    name: 'takes no request that is too large',
    path: '/validate',
    body: 'x'.repeat(200_000),
    status: 413,
    want: /larger than 100000 octets/,
  },
]

const asks = [
  ['HTTP/1.1', askHttp1],
  ['HTTP/2', askHttp2],
] as const

function tlsOf({ where, roots }: WebhookRig) {
  return { host: where.address, port: where.port, ca: roots, servername: webhookName }
}

describe('startAdmissionServer', () => {
  for (const [protocol, ask] of asks) {
    it(`serves over ${protocol}`, async (test) => {
      const rig = await startWebhooks(test, handlers, { maxBodyOctets: 100_000 })
      for (const { name, status, want, ...question } of cases) {
        const answer = await ask(rig, question)
        assert.equal(answer.status, status, name)
        assert.match(answer.body, want, name)
      }
      const { meters } = rig
      assert.equal(meters.cell(reviewsAnswered, '/validate').value, 2)
      assert.equal(meters.cell(reviewsRefused, '/validate').value, 1)
      assert.equal(meters.cell(reviewFailures, '413').value, 1)
      assert.equal(meters.histogram(reviewSeconds).count, 3)
    })
  }

  for (const [protocol, words] of [
    ['http/1.1', ''],
    ['http/1.1', 'POST /validate HTTP/1.1\r\nhost: x\r\nx: '],
    ['h2', 'PRI * HTTP/2.0\r\n'],
  ] as const) {
    it(`closes a connection of ${protocol} that goes no further than «${words.trim()}»`, async (test) => {
      const times = { requestTimeoutMs: 100, idleTimeoutMs: 1_000 }
      const rig = await startWebhooks(test, handlers, times)
      const socket = connect({ ...tlsOf(rig), ALPNProtocols: [protocol] })
      test.after(() => socket.destroy())
      // On a busy machine it may come to that before hands are shaken.
      socket.on('error', () => {})
      socket.resume().write(words)
      await new Promise((resolve) => socket.once('close', resolve))
    })
  }

  for (const [protocol, ask] of asks) {
    it(`has who asks over ${protocol} take the place of who holds a connection and is silent`, async (test) => {
      const rig = await startWebhooks(test, handlers, { maxConnections: 3 })
      const used = new Agent({ keepAlive: true, maxSockets: 1, ...tlsOf(rig) })
      test.after(() => used.destroy())
      const hold = async () => {
        const socket = connect(tlsOf(rig))
        test.after(() => socket.destroy())
        socket.on('error', () => {})
        await once(socket.resume(), 'secureConnect')
        return socket
      }
      const question = { path: '/validate', body: review() }
      const askAgain = async () => {
        const asked = request({ agent: used, method: 'POST', path: question.path })
        asked.end(question.body)
        const [response] = (await once(asked, 'response')) as [IncomingMessage]
        await once(response.resume(), 'close')
        return asked.reusedSocket
      }
      await askAgain()
      const silent = await hold()
      const later = await hold()
      assert.equal(await askAgain(), true)
      const closed = once(silent, 'close')
      assert.equal((await ask(rig, question)).status, 200)
      await closed
      assert.equal(await askAgain(), true)
      assert.equal(later.destroyed, false)
    })
  }

  it('gives up a request that does not come in', async (test) => {
    const clock = new FakeClock()
    const rig = await startWebhooks(test, handlers, { requestTimeoutMs: 60_000, clock })
    const socket = connect(tlsOf(rig))
    test.after(() => socket.destroy())
    socket.write('POST /validate HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{')
    await until(() => clock.waiting > 0)
    clock.advance(60_000)
    const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string]
    assert.match(answer, /^HTTP\/1\.1 408/)
    await once(socket, 'close')
  })

  it('shows its certificate of now to connections to come', async (test) => {
    const rig = await startWebhooks(test, handlers)
    const serial = async () => {
      const socket = connect(tlsOf(rig))
      await once(socket, 'secureConnect')
      const certificate = socket.getPeerX509Certificate()
      socket.destroy()
      assert.ok(certificate instanceof X509Certificate)
      return certificate.serialNumber
    }
    const first = await serial()
    assert.equal(await serial(), first)
    await rig.certificate.renew()
    assert.notEqual(await serial(), first)
  })

  it('says which address cannot be had', async (test) => {
    const { where } = await startWebhooks(test, handlers)
    const addresses = [`127.0.0.1:${where.port}`]
    await assert.rejects(startWebhooks(test, handlers, { addresses }), { code: 'ADMISSION_BIND' })
  })

  it('stops at once although somebody keeps a connection', { timeout: 20_000 }, async (test) => {
    const rig = await startWebhooks(test, handlers, { clock: new FakeClock() })
    const socket = connect(tlsOf(rig))
    await once(socket, 'secureConnect')
    await rig.server.stop()
    await once(socket, 'close')
  })

  for (const [name, more] of [
    ['by what it says of its size', { 'content-length': 2_000 }],
    ['by what came of it', {}],
  ] as const) {
    it(`stops at once after a stream that was refused ${name}`, {
      timeout: 20_000,
    }, async (test) => {
      const rig = await startWebhooks(test, handlers, {
        maxBodyOctets: 1_024,
        clock: new FakeClock(),
      })
      const session = connectHttp2(`https://${rig.where.address}:${rig.where.port}`, tlsOf(rig))
      test.after(() => session.destroy())
      const stream = session.request({ ':method': 'POST', ':path': '/validate', ...more })
      const closed = once(stream.resume(), 'close')
      stream.end(Buffer.alloc(2_000))
      await closed
      const ended = once(session, 'close')
      await rig.server.stop()
      await ended
    })
  }
})
