import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { certify, spkiOf, startIdentityRig, workload } from '../testing/identity-rig.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { CaFolder } from './ca-folder.ts'
import { caFileNames } from './ca-store.ts'
import { CertificateAuthority } from './certificate-authority.ts'
import { readSpiffeId } from './certificate-identity.ts'
import { readCertificates } from './certificates.ts'
import { createPrivateKey, formatPrivateKey } from './key-pair.ts'
import { createOwnRoot } from './own-root.ts'

const hourMs = 3_600_000

describe('a first start', () => {
  it('makes a root that vouches for itself, for ten years, with a key of nobody else', async (test) => {
    const { ca, folder, clock } = await startIdentityRig(test)
    const [root, ...more] = readCertificates(ca.roots())
    assert.ok(root)
    assert.deepEqual(more, [])
    assert.ok(root.ca && root.verify(root.publicKey))
    assert.match(root.subject, /^O=cluster\.local\nCN=Root CA [0-9a-f]{8}$/)
    assert.equal(root.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
    assert.equal(root.validToDate.getTime(), clock.wall() + 3_650 * 24 * hourMs)
    const { mode } = await stat(join(folder, caFileNames.key))
    assert.equal(mode & 0o777, 0o600)
  })

  it('that was cut short is gone on from', async (test) => {
    const { ports } = await startIdentityRig(test)
    const folder = await temporaryFolder(test)
    const key = formatPrivateKey(await createPrivateKey())
    await writeFile(join(folder, caFileNames.key), key, { mode: 0o600 })
    const settings = { store: new CaFolder(folder), trustDomain: 'cluster.local', pollMs: 10_000 }
    const ca = await CertificateAuthority.start(settings, ports)
    test.after(() => ca.stop())
    assert.equal(await readFile(join(folder, caFileNames.key), 'utf8'), key)
  })

  it('makes none where some files of the user are', async (test) => {
    const { ports } = await startIdentityRig(test)
    const folder = join(await temporaryFolder(test), 'ca')
    await mkdir(folder)
    const { certificate } = await createOwnRoot('example.org', ports.clock.wall())
    await writeFile(join(folder, caFileNames.roots), certificate)
    const settings = { store: new CaFolder(folder), trustDomain: 'cluster.local', pollMs: 10_000 }
    await assert.rejects(CertificateAuthority.start(settings, ports), {
      code: 'IDENTITY_CA_UNUSABLE',
      message: /ca-cert\.pem is missing/,
    })
  })

  it('is the only one: the next finds the same root', async (test) => {
    const { ca, folder, ports } = await startIdentityRig(test)
    const settings = { store: new CaFolder(folder), trustDomain: 'cluster.local', pollMs: 10_000 }
    const again = await CertificateAuthority.start(settings, ports)
    test.after(() => again.stop())
    assert.equal(again.roots(), ca.roots())
  })
})

describe('a certificate', () => {
  it('names its workload and nothing else, and is for both ends of a connection', async (test) => {
    const { ca, clock } = await startIdentityRig(test)
    const { chain, roots } = await certify(ca, workload, 3_600)
    const leaf = new X509Certificate(chain)
    const root = new X509Certificate(roots)
    assert.equal(leaf.subject, undefined)
    assert.equal(leaf.subjectAltName, 'URI:spiffe://cluster.local/ns/vms/sa/web')
    assert.ok(leaf.checkIssued(root) && leaf.verify(root.publicKey))
    assert.equal(leaf.ca, false)
    // Server and client authentication (RFC 5280 §4.2.1.12).
    assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    assert.equal(leaf.validFromDate.getTime(), clock.wall() - 60_000)
    assert.equal(leaf.validToDate.getTime(), clock.wall() + hourMs)
    assert.match(leaf.serialNumber, /^[4-7][0-9A-F]{31}$/)
  })

  it('ends no later than the CA', async (test) => {
    const { ca, clock } = await startIdentityRig(test)
    clock.advance(3_650 * 24 * hourMs - 60_000)
    const { chain, roots } = await certify(ca, workload, 86_400)
    assert.equal(new X509Certificate(chain).validTo, new X509Certificate(roots).validTo)
  })

  it('is of a controller when it has names and addresses', async (test) => {
    const { ca } = await startIdentityRig(test)
    const subject = {
      kind: 'server',
      names: ['a.test'],
      addresses: ['192.0.2.1', '2001:db8::1'],
    } as const
    const { leaf } = await ca.issue(subject, spkiOf(await createPrivateKey()), 60)
    const { subjectAltName, keyUsage } = new X509Certificate(leaf)
    assert.equal(
      subjectAltName,
      'DNS:a.test, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
    )
    assert.deepEqual(keyUsage, ['1.3.6.1.5.5.7.3.1'])
  })

  it('is read as the identity it was issued for, whatever the names', async (test) => {
    const { ca } = await startIdentityRig(test)
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    const identities = fc
      .tuple(fc.constantFrom('cluster.local', 'x.test'), name, name)
      .map(([trustDomain, namespace, serviceAccount]) => ({
        trustDomain,
        namespace,
        serviceAccount,
      }))
    await fc.assert(
      fc.asyncProperty(identities, async (identity) => {
        const { raw } = new X509Certificate((await certify(ca, identity)).chain)
        assert.deepEqual(readSpiffeId(raw), identity)
      }),
      { numRuns: 20 },
    )
  })
})

describe('a CA whose files change', () => {
  it('looks at them by itself, and tells its followers', async (test) => {
    const { ca, clock, folder } = await startIdentityRig(test)
    let heard = 0
    ca.follow(() => (heard += 1))
    const { certificate } = await createOwnRoot('x', clock.wall())
    const file = join(folder, caFileNames.roots)
    await writeFile(file, (await readFile(file, 'utf8')) + certificate)
    clock.advance(10_000)
    await until(() => heard === 1)
    assert.equal(readCertificates(ca.roots()).length, 2)
  })

  it('keeps what it had when they cannot be used, and says so', async (test) => {
    const { ca, folder, ports } = await startIdentityRig(test)
    const before = ca.roots()
    await writeFile(join(folder, caFileNames.certificate), 'nothing')
    await ca.refresh()
    assert.equal(ca.roots(), before)
    const [item] = ports.health.items()
    assert.equal(item?.code, 'IDENTITY_CA_REFUSED')
    assert.match(item?.detail ?? '', /ca-cert\.pem is missing, or holds no certificate/)

    await writeFile(join(folder, caFileNames.certificate), before)
    await ca.refresh()
    assert.deepEqual(ports.health.items(), [])
  })

  it('says a month before that its certificate ends', async (test) => {
    const { ca, clock, ports } = await startIdentityRig(test)
    clock.jump(3_630 * 24 * hourMs)
    await ca.refresh()
    assert.deepEqual(
      ports.health.items().map(({ code }) => code),
      ['IDENTITY_CA_EXPIRING'],
    )
  })
})
