import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { exportJWK, SignJWT } from 'jose'
import { Health } from '../../../base/health.ts'
import { silentLog } from '../../../base/log.ts'
import type { PlainMap } from '../../../documents/plain-map.ts'
import { ApiFailure } from '../../../kubernetes/client/api-failure.ts'
import type { ApiCall } from '../../../kubernetes/client/cluster-client.ts'
import { FakeClock } from '../../../testing/fake-clock.ts'
import { ClusterKeys } from './cluster-keys.ts'
import { ClusterTokens } from './cluster-tokens.ts'

const issuer = 'https://kubernetes.default.svc.cluster.local'
const subject = 'system:serviceaccount:vms:web'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const other = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
const clock = () => new FakeClock()
const now = Math.floor(clock().wall() / 1_000)

interface Claims {
  readonly aud?: string
  readonly sub?: string
  readonly iss?: string
  readonly exp?: number
  readonly key?: typeof privateKey
}

function sign({ aud = 'istio-ca', sub = subject, iss = issuer, exp = 3_600, key }: Claims = {}) {
  return new SignJWT({ sub, aud: [aud], iss, iat: now, exp: now + exp })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .sign(key ?? privateKey)
}

const known = {
  authenticated: true,
  audiences: ['istio-ca'],
  user: { username: subject, groups: ['system:serviceaccounts'] },
}

/** An API server whose answer to reviews the test says, and which counts them. */
class Server {
  reviews = 0
  review: () => Promise<PlainMap> = async () => known

  async call({ path, body }: ApiCall): Promise<PlainMap> {
    if (path.startsWith('/.well-known')) return { issuer }
    if (path.startsWith('/openid')) {
      return { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }] }
    }
    this.reviews += 1
    assert.deepEqual((body as { spec: { audiences: unknown } }).spec.audiences, ['istio-ca'])
    return { status: await this.review() }
  }
}

async function start({ hasKeys = true } = {}) {
  const server = new Server()
  const time = clock()
  const health = new Health()
  const common = { client: server, audience: 'istio-ca', skewSeconds: 30, clock: time }
  const keys = new ClusterKeys({ ...common, log: silentLog })
  if (hasKeys) await keys.start()
  return { server, time, health, tokens: new ClusterTokens({ ...common, keys, health }) }
}

const fail = (status: number) => async () => {
  throw new ApiFailure('POST', { status, reason: '', message: 'no' })
}

describe('the tokens of a cluster', () => {
  it('are reviewed, and believed for a short time without asking again', async () => {
    const { server, time, tokens } = await start()
    const token = await sign()
    const want = { namespace: 'vms', serviceAccount: 'web', expiresAt: (now + 3_600) * 1_000 }
    assert.deepEqual(await Promise.all([tokens.verify(token), tokens.verify(token)]), [want, want])
    assert.deepEqual(await tokens.verify(token), want)
    assert.equal(server.reviews, 1)
    server.review = async () => ({ authenticated: false })
    time.advance(10_000)
    await assert.rejects(tokens.verify(token), { reason: 'token_refused' })
    await assert.rejects(tokens.verify(token), { reason: 'token_refused' })
    assert.equal(server.reviews, 2)
    server.review = async () => known
    time.advance(2_000)
    assert.deepEqual(await tokens.verify(token), want)
  })

  it('are reviewed again when their own time is over, however short that is', async () => {
    const { server, time, tokens } = await start()
    const token = await sign({ exp: 5 })
    await tokens.verify(token)
    time.advance(5_000)
    await tokens.verify(token)
    assert.equal(server.reviews, 2)
  })

  it('are believed by their signature while the API server does not answer', async () => {
    for (const status of [0, 403, 404, 429, 500]) {
      const { server, health, tokens } = await start()
      server.review = fail(status)
      assert.equal((await tokens.verify(await sign())).serviceAccount, 'web')
      assert.deepEqual(
        health.items().map(({ code }) => code),
        ['CONTROLLER_TOKENS_UNREVIEWED'],
      )
      const wrong = await sign({ key: other })
      await assert.rejects(tokens.verify(wrong), { reason: 'token_forged' })
      await assert.rejects(tokens.verify(await sign({ iss: 'x' })), { reason: 'token_issuer' })
      server.review = async () => known
      await tokens.verify(await sign())
      assert.deepEqual(health.items(), [])
    }
  })

  it('are not believed while nothing is known of them', async () => {
    const { server, tokens } = await start({ hasKeys: false })
    server.review = fail(0)
    await assert.rejects(tokens.verify(await sign()), { reason: 'token_unchecked' })
  })

  it('do not keep the API server busy when many are shown at a time', async () => {
    const { server, tokens } = await start()
    const gate = Promise.withResolvers<PlainMap>()
    server.review = () => gate.promise
    const many = await Promise.all(Array.from({ length: 40 }, (_, exp) => sign({ exp: exp + 60 })))
    const all = many.map((token) => tokens.verify(token))
    await all.at(-1)
    assert.equal(server.reviews, 32)
    gate.resolve(known)
    await Promise.all(all)
  })

  for (const { name, status } of [
    { name: 'of another audience', status: { ...known, audiences: ['other'] } },
    { name: 'by a server that knows nothing of audiences', status: { ...known, audiences: null } },
    { name: 'of a person', status: { ...known, user: { username: 'admin' } } },
    { name: 'of nobody', status: { ...known, user: null } },
    { name: 'that says no', status: { ...known, authenticated: false } },
    { name: 'that is none', status: {} },
  ]) {
    it(`are refused after a review ${name}`, async () => {
      const { server, tokens } = await start()
      server.review = async () => status
      await assert.rejects(tokens.verify(await sign()), { reason: 'token_refused' })
    })
  }

  for (const { name, token, want } of [
    { name: 'for another audience', token: sign({ aud: 'vault' }), want: 'token_audience' },
    { name: 'that has expired', token: sign({ exp: -31 }), want: 'token_expired' },
    { name: 'of a person', token: sign({ sub: 'admin' }), want: 'token_subject' },
    { name: 'that is none', token: Promise.resolve('a.b.c'), want: 'token_malformed' },
    {
      name: 'that is too long',
      token: Promise.resolve('a'.repeat(9_000)),
      want: 'token_malformed',
    },
  ]) {
    it(`are refused without a question: one ${name}`, async () => {
      const { server, tokens } = await start()
      await assert.rejects(
        token.then((text) => tokens.verify(text)),
        (error: Error) => {
          assert.equal((error as Error & { reason?: string }).reason, want)
          return error.cause === undefined
        },
      )
      assert.equal(server.reviews, 0)
    })
  }
})
