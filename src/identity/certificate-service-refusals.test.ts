import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { certify, type IdentityRig, startIdentityRig, workload } from '../testing/identity-rig.ts'
import {
  type Asked,
  foreignCsr,
  freshCsr,
  now,
  type Served,
  serveCertificates,
  tokenOf,
} from '../testing/served-certificates.ts'

const dayMs = 86_400_000

interface Refusal {
  readonly name: string
  readonly ask: (served: Served, foreign: IdentityRig) => Promise<Asked>
  readonly reason: string
  readonly details: RegExp
}

const refusals: readonly Refusal[] = [
  {
    name: 'nothing',
    ask: async () => ({ csr: await freshCsr() }),
    reason: 'nothing_shown',
    details: /neither a certificate nor a token/,
  },
  {
    name: 'a token that has expired',
    ask: async (served) => {
      const token = await tokenOf(served, 60)
      served.clock.advance(120_000)
      return { csr: await freshCsr(), token }
    },
    reason: 'token_expired',
    details: /the token has expired/,
  },
  {
    name: 'a token of another controller',
    ask: async (_, foreign) => ({ csr: await freshCsr(), token: await tokenOf(foreign) }),
    reason: 'token_forged',
    details: /not signed by this controller/,
  },
  {
    name: 'a token that somebody used with another key',
    ask: async (served) => {
      const token = await tokenOf(served)
      await served.ask({ csr: await freshCsr(), token })
      return { csr: await freshCsr(), token }
    },
    reason: 'token_used',
    details: /used with another key/,
  },
  {
    name: 'a certificate of another CA',
    ask: async (_, foreign) => ({
      csr: await freshCsr(),
      own: await certify(foreign.ca, workload),
    }),
    reason: 'certificate_untrusted',
    details: /no trusted root vouches/,
  },
  {
    name: 'a certificate of another CA, and a good token',
    ask: async (served, foreign) => ({
      csr: await freshCsr(),
      own: await certify(foreign.ca, workload),
      token: await tokenOf(served),
    }),
    reason: 'certificate_untrusted',
    details: /no trusted root vouches/,
  },
  {
    name: 'a certificate that has expired',
    ask: async (served) => {
      served.clock.jump(-3 * dayMs)
      const own = await certify(served.ca, workload, 3_600)
      served.clock.jump(3 * dayMs)
      return { csr: await freshCsr(), own }
    },
    reason: 'certificate_expired',
    details: /the certificate has expired/,
  },
  {
    name: 'a request that is none',
    ask: async (served) => ({ csr: 'hello', token: await tokenOf(served) }),
    reason: 'csr_malformed',
    details: /no PKCS #10/,
  },
  {
    name: 'a request with garbage inside',
    ask: async (served) => ({
      csr: '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----',
      token: await tokenOf(served),
    }),
    reason: 'csr_malformed',
    details: /no PKCS #10/,
  },
  {
    name: 'a request that is too long',
    ask: async (served) => ({ csr: 'x'.repeat(9_000), token: await tokenOf(served) }),
    reason: 'csr_too_long',
    details: /more than 8192/,
  },
  {
    name: 'a request with the key of somebody else',
    ask: async (served) => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      return { csr: await foreignCsr(privateKey, publicKey), token: await tokenOf(served) }
    },
    reason: 'csr_signature',
    details: /not signed with its own key/,
  },
  {
    name: 'a request with a weak key',
    ask: async (served) => {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 })
      return { csr: await foreignCsr(privateKey, publicKey), token: await tokenOf(served) }
    },
    reason: 'csr_key',
    details: /of a kind or size/,
  },
  {
    name: 'too many requests in a minute',
    ask: async (served) => {
      const own = await certify(served.ca, workload)
      for (let count = 0; count < 5; count += 1) await served.ask({ csr: await freshCsr(), own })
      return { csr: await freshCsr(), own }
    },
    reason: 'too_many',
    details: /too many certificates/,
  },
]

describe('the certificate service refuses', () => {
  for (const { name, ask, reason, details } of refusals) {
    it(`${name}, with a line in the log that says ${reason} and shows no secret`, async (test) => {
      const served = await serveCertificates(test)
      const asked = await ask(served, await startIdentityRig(test, now))
      await assert.rejects(served.ask(asked), (error: Error) => {
        assert.match(error.message, details)
        return error.name === 'CertificateDeniedError'
      })
      const line = served.lines.at(-1)
      assert.equal(line?.message, 'refused a certificate')
      assert.equal(line?.reason, reason)
      assert.match(line?.client ?? '', /^127\.0\.0\.1:\d+$/)
      const text = JSON.stringify(served.lines)
      for (const secret of [asked.token, asked.own?.key].filter((part) => part !== undefined)) {
        assert.ok(!text.includes(secret))
      }
    })
  }
})
