import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import type { PeerCredentials } from '../rpc/authenticator.ts'
import { formatSpiffeId } from '../rpc/spiffe-id.ts'
import {
  certify,
  type IdentityRig,
  spkiOf,
  startIdentityRig,
  tokenSettings,
  workload,
} from '../testing/identity-rig.ts'
import { issueToken } from './issue-token.ts'
import { createPrivateKey } from './key-pair.ts'
import { authenticationsRefused } from './meters.ts'

const hourMs = 3_600_000

type Shown = Omit<PeerCredentials, 'address'>

interface Case {
  readonly name: string
  readonly show: (rig: IdentityRig) => Promise<Shown>
  /** Passes before it is judged. */
  readonly afterMs?: number
  /** An identity, or the reason of a refusal. */
  readonly want: string
}

const certificateOf =
  (change: Partial<typeof workload> = {}) =>
  async ({ ca }: IdentityRig) => ({
    certificate: new X509Certificate((await certify(ca, { ...workload, ...change })).chain).raw,
  })

const tokenOf =
  (serviceAccount: string, durationSeconds = 3_600) =>
  async ({ clock, tokenKey }: IdentityRig) => {
    const issuer = { ...tokenSettings, key: tokenKey }
    const request = { namespace: 'vms', serviceAccount, durationSeconds, nowMs: clock.wall() }
    return { authorization: `Bearer ${await issueToken(issuer, request)}` }
  }

const both =
  (...shows: readonly Case['show'][]) =>
  async (rig: IdentityRig) =>
    Object.assign({}, ...(await Promise.all(shows.map((show) => show(rig))))) as Shown

const fault = (certificateFault: string) => async () => ({ certificateFault })

const cases: readonly Case[] = [
  { name: 'a certificate', show: certificateOf(), want: formatSpiffeId(workload) },
  {
    name: 'a certificate of a trust domain that is an alias',
    show: certificateOf({ trustDomain: 'old.local' }),
    want: 'spiffe://old.local/ns/vms/sa/web',
  },
  { name: 'a token', show: tokenOf('web'), want: formatSpiffeId(workload) },
  {
    name: 'a certificate and a token of somebody else: the certificate counts',
    show: both(certificateOf(), tokenOf('other')),
    want: formatSpiffeId(workload),
  },
  {
    name: 'an expired certificate and a token',
    show: both(certificateOf(), tokenOf('web', 86_400)),
    afterMs: 2 * hourMs,
    want: formatSpiffeId(workload),
  },
  {
    name: 'a certificate that TLS found expired, and a token',
    show: both(fault('CERT_HAS_EXPIRED'), tokenOf('web')),
    want: formatSpiffeId(workload),
  },
  { name: 'nothing', show: async () => ({}), want: 'nothing_shown' },
  {
    name: 'an expired certificate',
    show: certificateOf(),
    afterMs: 2 * hourMs,
    want: 'certificate_expired',
  },
  {
    name: 'a certificate of tomorrow',
    show: certificateOf(),
    afterMs: -24 * hourMs,
    want: 'certificate_not_yet_valid',
  },
  {
    name: 'a certificate of another trust domain',
    show: certificateOf({ trustDomain: 'evil.test' }),
    want: 'certificate_foreign',
  },
  {
    name: 'a certificate of another trust domain, and a token',
    show: both(certificateOf({ trustDomain: 'evil.test' }), tokenOf('web')),
    want: 'certificate_foreign',
  },
  {
    name: "a server's certificate",
    show: async ({ ca }) => {
      const subject = { kind: 'server', names: ['a.test'], addresses: [] } as const
      const { leaf } = await ca.issue(subject, spkiOf(await createPrivateKey()), 60)
      return { certificate: new X509Certificate(leaf).raw }
    },
    want: 'certificate_nameless',
  },
  {
    name: 'the certificate of the CA itself',
    show: async ({ ca }) => ({ certificate: new X509Certificate(ca.roots()).raw }),
    want: 'certificate_nameless',
  },
  {
    name: 'a certificate that TLS found expired',
    show: fault('CERT_HAS_EXPIRED'),
    want: 'certificate_expired',
  },
  {
    name: 'a certificate of another CA',
    show: fault('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    want: 'certificate_untrusted',
  },
  {
    name: 'an expired certificate and an expired token',
    show: both(certificateOf(), tokenOf('web')),
    afterMs: 2 * hourMs,
    want: 'token_expired',
  },
  {
    name: 'a password',
    show: async () => ({ authorization: 'Basic c2VjcmV0' }),
    want: 'token_malformed',
  },
]

describe('a peer', () => {
  for (const { name, show, afterMs = 0, want } of cases) {
    const outcome = want.startsWith('spiffe:') ? 'is known' : `is refused (${want})`
    it(`that shows ${name} ${outcome}`, async (test) => {
      const rig = await startIdentityRig(test)
      const shown = await show(rig)
      rig.clock.jump(afterMs)
      const got = await rig.authenticator
        .authenticate({ address: '192.0.2.1:5', ...shown })
        .then(formatSpiffeId, (error: Error & { readonly reason: string }) => {
          const secret = shown.authorization?.split(' ')[1] ?? 'Bearer'
          assert.ok(!String(error.stack).includes(secret))
          return error.reason
        })
      assert.equal(got, want)
      if (!want.startsWith('spiffe:')) {
        assert.equal(rig.ports.meters.cell(authenticationsRefused, want).value, 1)
      }
    })
  }

  it('whose token was used for a certificate has to show that', async (test) => {
    const rig = await startIdentityRig(test)
    const credentials = { address: '192.0.2.1:5', ...(await tokenOf('web')(rig)) }
    const { token } = await rig.authenticator.identify(credentials)
    assert.ok(token?.bindingId)
    await rig.authenticator.authenticate(credentials)
    assert.ok(await rig.bindings.bind(token.bindingId, 'key one', token.expiresAt))
    await assert.rejects(rig.authenticator.authenticate(credentials), { reason: 'token_used' })
    assert.deepEqual((await rig.authenticator.identify(credentials)).identity, workload)
  })
})
