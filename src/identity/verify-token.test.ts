import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { stat, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { decodeJwt, SignJWT } from 'jose'
import { FakeClock } from '../testing/fake-clock.ts'
import { tokenSettings, workload } from '../testing/identity-rig.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { issueToken } from './issue-token.ts'
import { createPrivateKey } from './key-pair.ts'
import { openTokenKey, type TokenKey, tokenKeyFile } from './token-key.ts'
import { createTokenVerifier } from './verify-token.ts'

const request = { ...workload, durationSeconds: 3_600, nowMs: new FakeClock().wall() }
const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function makeKey(): Promise<TokenKey> {
  const privateKey = await createPrivateKey()
  return { privateKey, publicKey: createPublicKey(privateKey), id: 'one' }
}

interface Case {
  readonly name: string
  readonly make: (key: TokenKey) => Promise<string> | string
  readonly afterMs?: number
  readonly want: string
}

const issue = (key: TokenKey) => issueToken({ ...tokenSettings, key }, request)

/** Signed by the right key, with claims that are wrong. */
const withClaims = (claims: Readonly<Record<string, unknown>>) => (key: TokenKey) => {
  const iat = Math.floor(request.nowMs / 1_000)
  const sub = 'system:serviceaccount:vms:web'
  const good = { iss: tokenSettings.issuer, aud: 'istio-ca', sub, iat, exp: iat + 60, jti: 'x' }
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: key.id })
    .sign(key.privateKey)
}

const cases: readonly Case[] = [
  { name: 'expired', make: issue, afterMs: 3_631_000, want: 'token_expired' },
  { name: 'not yet valid', make: issue, afterMs: -31_000, want: 'token_not_yet_valid' },
  {
    name: 'for another audience',
    make: (key) => issueToken({ ...tokenSettings, key, audience: 'vault' }, request),
    want: 'token_audience',
  },
  {
    name: 'of another issuer',
    make: (key) => issueToken({ ...tokenSettings, key, issuer: 'https://x.test' }, request),
    want: 'token_issuer',
  },
  {
    name: 'signed by another key of the same id',
    make: async () => issue(await makeKey()),
    want: 'token_forged',
  },
  {
    name: 'signed by a key that nobody knows',
    make: async () => issue({ ...(await makeKey()), id: 'two' }),
    want: 'token_forged',
  },
  {
    name: 'signed by nobody (alg none)',
    make: async (key) => {
      const [, claims = ''] = (await issue(key)).split('.')
      return `${segment({ alg: 'none', kid: key.id })}.${claims}.`
    },
    want: 'token_forged',
  },
  {
    name: 'signed with the public key as a shared secret (HS256)',
    make: async (key) => {
      const [, claims = ''] = (await issue(key)).split('.')
      const text = `${segment({ alg: 'HS256', kid: key.id })}.${claims}`
      const secret = key.publicKey.export({ type: 'spki', format: 'pem' })
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    },
    want: 'token_forged',
  },
  {
    name: 'changed after it was signed',
    make: async (key) => {
      const token = await issue(key)
      const [header, , signature] = token.split('.')
      const claims = { ...decodeJwt(token), sub: 'system:serviceaccount:vms:admin' }
      return `${header}.${segment(claims)}.${signature}`
    },
    want: 'token_forged',
  },
  { name: 'for a person', make: withClaims({ sub: 'somebody' }), want: 'token_subject' },
  {
    name: 'for a name that would break out of its identity',
    make: withClaims({ sub: 'system:serviceaccount:vms:web/ns/other' }),
    want: 'token_subject',
  },
  { name: 'without an end', make: withClaims({ exp: undefined }), want: 'token_malformed' },
  { name: 'without an id', make: withClaims({ jti: undefined }), want: 'token_malformed' },
  { name: 'no token at all', make: () => 'hello', want: 'token_malformed' },
  { name: 'too long', make: () => 'a.'.repeat(5_000), want: 'token_malformed' },
]

describe('a token', () => {
  it('says whose it is, until it expires and a little longer', async () => {
    const key = await makeKey()
    const clock = new FakeClock()
    const rules = { ...tokenSettings, keys: [key], skewSeconds: 30, binding: 'none' as const }
    const verifier = await createTokenVerifier(rules, clock)
    const token = await issue(key)
    const { namespace, serviceAccount } = workload
    const want = { namespace, serviceAccount, expiresAt: request.nowMs + 3_600_000 }
    assert.deepEqual(await verifier.verify(token), want)
    clock.advance(3_629_000)
    assert.deepEqual(await verifier.verify(token), want)
  })

  it('has the claims of a service account in Kubernetes', async () => {
    const { jti, ...claims } = decodeJwt(await issue(await makeKey()))
    const iat = request.nowMs / 1_000
    assert.match(jti ?? '', /^[0-9a-f-]{36}$/)
    assert.deepEqual(claims, {
      iss: 'https://controller.test',
      aud: ['istio-ca'],
      sub: 'system:serviceaccount:vms:web',
      iat,
      nbf: iat,
      exp: iat + 3_600,
      'kubernetes.io': { namespace: 'vms', serviceaccount: { name: 'web' } },
    })
  })

  for (const { name, make, afterMs = 0, want } of cases) {
    it(`is refused when it is ${name}, and the error holds nothing of it`, async () => {
      const key = await makeKey()
      const clock = new FakeClock()
      clock.jump(afterMs)
      const rules = { ...tokenSettings, keys: [key], skewSeconds: 30, binding: 'key' as const }
      const verifier = await createTokenVerifier(rules, clock)
      const token = await make(key)
      const error = await verifier.verify(token).then(
        () => assert.fail('it was accepted'),
        (thrown: unknown) => thrown as Error & { readonly reason?: string },
      )
      assert.equal(error.reason, want)
      assert.equal(error.cause, undefined)
      const parts = token.split('.').filter((part) => part.length > 1)
      assert.ok(!parts.some((part) => String(error.stack).includes(part)))
    })
  }

  for (const [name, change, want] of [
    ['a namespace that is none', { namespace: 'a/b' }, /"a\/b" is no name of a namespace/],
    [
      'a service account that is none',
      { serviceAccount: 'A' },
      /"A" is no name of a service account/,
    ],
    ['no time', { durationSeconds: 0 }, /cannot last 0 seconds/],
    ['a year', { durationSeconds: 31_536_000 }, /cannot last 31536000 seconds/],
  ] as const) {
    it(`is not issued for ${name}`, async () => {
      const issuer = { ...tokenSettings, key: await makeKey() }
      await assert.rejects(issueToken(issuer, { ...request, ...change }), {
        code: 'IDENTITY_TOKEN_REQUEST',
        message: want,
      })
    })
  }
})

describe('the key that signs tokens', () => {
  it('is made once, whoever asks first, and is nobody else’s to read', async (test) => {
    const folder = await temporaryFolder(test)
    const keys = await Promise.all([
      openTokenKey(folder),
      openTokenKey(folder),
      openTokenKey(folder),
    ])
    assert.equal(new Set(keys.map(({ id }) => id)).size, 1)
    assert.equal((await stat(tokenKeyFile(folder))).mode & 0o777, 0o600)
  })

  it('is refused when it is something else, without showing it', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(tokenKeyFile(folder), 'swordfish', { mode: 0o600 })
    await assert.rejects(openTokenKey(folder), (error: Error) => {
      assert.match(error.message, /holds no ECDSA P-256 key/)
      assert.ok(!String(error.stack).includes('swordfish'))
      return error.name === 'TokenKeyUnusableError'
    })
  })
})
