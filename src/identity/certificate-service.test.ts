import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { systemClock } from '../base/clock.ts'
import { formatSpiffeId } from '../rpc/spiffe-id.ts'
import { serverName } from '../testing/certificate-server.ts'
import { certify, startIdentityRig, workload } from '../testing/identity-rig.ts'
import {
  foreignCsr,
  freshCsr,
  now,
  serveCertificates,
  tokenOf,
} from '../testing/served-certificates.ts'
import { readCertificates, tryBuildChain } from './certificates.ts'
import { createCsr } from './create-csr.ts'
import { createPrivateKey, formatPrivateKey } from './key-pair.ts'
import { createCertificateRequester } from './request-certificate.ts'

const dayMs = 86_400_000

describe('the certificate service', () => {
  it('gives a machine with a token a certificate, and with that the next one', async (test) => {
    const served = await serveCertificates(test)
    const key = await createPrivateKey()
    const chain = await served.ask({ csr: await createCsr(key), token: await tokenOf(served) })
    const [leaf, roots] = chain.map((pem) => new X509Certificate(pem))
    assert.ok(leaf && roots && chain.length === 2)
    assert.ok(leaf.checkPrivateKey(key) && leaf.verify(roots.publicKey))
    assert.equal(leaf.subjectAltName, `URI:${formatSpiffeId(workload)}`)
    assert.equal(leaf.validToDate.getTime(), Math.floor((now + dayMs) / 1_000) * 1_000)

    const own = { chain: chain[0] ?? '', key: formatPrivateKey(key) }
    const [next = ''] = await served.ask({ csr: await freshCsr(), own })
    assert.equal(new X509Certificate(next).subjectAltName, `URI:${formatSpiffeId(workload)}`)
    const [issued] = served.lines
    assert.equal(issued?.message, 'issued a certificate')
    assert.equal(issued?.name, formatSpiffeId(workload))
  })

  for (const { name, seconds, wantMs } of [
    { name: 'a shorter one that was asked for', seconds: 600, wantMs: 600_000 },
    { name: 'a longer one that was asked for', seconds: 100_000, wantMs: 100_000_000 },
    { name: 'the longest there is for a year', seconds: 31_536_000, wantMs: 2 * dayMs },
    { name: 'a minute for less', seconds: 1, wantMs: 60_000 },
    { name: 'the usual one for nonsense', seconds: -5, wantMs: dayMs },
  ]) {
    it(`honours a lifetime: ${name}`, async (test) => {
      const served = await serveCertificates(test)
      const [leaf = ''] = await served.ask({
        csr: await freshCsr(),
        token: await tokenOf(served),
        seconds,
      })
      const { validToDate } = new X509Certificate(leaf)
      assert.equal(validToDate.getTime(), Math.floor((now + wantMs) / 1_000) * 1_000)
    })
  }

  for (const [name, makeKeys] of [
    [
      'RSA of 2048 bits, as Istio agents have',
      () => generateKeyPairSync('rsa', { modulusLength: 2_048 }),
    ],
    ['Ed25519', () => generateKeyPairSync('ed25519')],
  ] as const) {
    it(`takes a key of the kind ${name}`, async (test) => {
      const served = await serveCertificates(test)
      const { privateKey, publicKey } = makeKeys()
      const csr = await foreignCsr(privateKey, publicKey)
      const [leaf = ''] = await served.ask({ csr, token: await tokenOf(served) })
      assert.ok(new X509Certificate(leaf).checkPrivateKey(privateKey))
    })
  }

  it('certifies who was authenticated, whatever a request asks for', async (test) => {
    const served = await serveCertificates(test)
    const own = await certify(served.ca, workload)
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const uri = fc
      .tuple(fc.stringMatching(/^[a-z]{1,9}$/), fc.stringMatching(/^[a-z]{1,9}$/))
      .map(([namespace, account]) => `spiffe://cluster.local/ns/${namespace}/sa/${account}`)
    const names = fc.array(
      fc.oneof(
        uri.map((value) => ({ type: 'url' as const, value })),
        fc.domain().map((value) => ({ type: 'dns' as const, value })),
        fc.ipV4().map((value) => ({ type: 'ip' as const, value })),
      ),
      { minLength: 1, maxLength: 4 },
    )
    await fc.assert(
      fc.asyncProperty(names, async (asked) => {
        const csr = await foreignCsr(privateKey, publicKey, asked)
        const [leaf = ''] = await served.ask({ csr, own })
        const { subject, subjectAltName, ca } = new X509Certificate(leaf)
        assert.deepEqual(
          { subject, subjectAltName, ca },
          { subject: undefined, subjectAltName: `URI:${formatSpiffeId(workload)}`, ca: false },
        )
        // So that the limit is not what is tested.
        served.clock.advance(60_000)
      }),
      { numRuns: 20 },
    )
  })
})

describe('a client', () => {
  it('gives no token to a server that its roots do not vouch for', async (test) => {
    const served = await serveCertificates(test)
    const foreign = await startIdentityRig(test, now)
    const request = createCertificateRequester({
      clock: systemClock,
      addresses: async () => [served.address],
    })
    const tls = { roots: foreign.ca.roots(), serverName }
    await assert.rejects(
      request(await freshCsr(), 0, { tls, token: await tokenOf(served) }),
      /self-signed certificate|unable to (get|verify)|No connection established/,
    )
    assert.deepEqual(served.lines, [])
  })

  it('gets a chain that leads from the leaf to a root', async (test) => {
    const served = await serveCertificates(test)
    const chain = await served.ask({ csr: await freshCsr(), token: await tokenOf(served) })
    const [leaf, ...rest] = chain.flatMap(readCertificates)
    assert.ok(leaf && tryBuildChain(leaf, rest, readCertificates(served.ca.roots())))
  })
})
