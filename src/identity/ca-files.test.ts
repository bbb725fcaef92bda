import 'reflect-metadata'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { X509Certificate as Certificate } from '@peculiar/x509'
import { systemClock } from '../base/clock.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { spkiOf, workload } from '../testing/identity-rig.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { readCa } from './ca-files.ts'
import { CaFolder } from './ca-folder.ts'
import { caFileNames } from './ca-store.ts'
import { issueLeaf } from './issue-certificate.ts'
import { createPrivateKey } from './key-pair.ts'
import { createOwnRoot, ensureOwnRoot } from './own-root.ts'

const run = promisify(execFile)
const now = new FakeClock().wall()

const config = [
  '[req]',
  'distinguished_name = name',
  'prompt = no',
  '[name]',
  'O = Example',
  '[root]',
  'basicConstraints = critical, CA:TRUE',
  'keyUsage = critical, keyCertSign',
  'subjectKeyIdentifier = hash',
  '[ca]',
  'basicConstraints = critical, CA:TRUE, pathlen:0',
  'keyUsage = critical, keyCertSign',
  'subjectKeyIdentifier = hash',
  'authorityKeyIdentifier = keyid:always',
  '[leaf]',
  'basicConstraints = CA:FALSE',
].join('\n')

/** Makes a root and a CA below it, as an administrator with OpenSSL does. */
async function writeForeignCa(folder: string, newKey: string, kind = 'ca'): Promise<void> {
  await writeFile(join(folder, 'openssl.conf'), config)
  const openssl = (line: string) => run('openssl', line.split(' '), { cwd: folder })
  const make = `req -new -config openssl.conf -newkey ${newKey} -noenc`
  await openssl(
    `${make} -x509 -days 30 -extensions root -subj /CN=Root -keyout key -out root-cert.pem`,
  )
  await openssl(`${make} -subj /O=Example/CN=Mesh -keyout ca-key.pem -out csr`)
  const sign = 'x509 -req -in csr -CA root-cert.pem -CAkey key -CAcreateserial -days 20'
  await openssl(`${sign} -extfile openssl.conf -extensions ${kind} -out ca-cert.pem`)
  const names = ['ca-cert.pem', 'root-cert.pem']
  const chain = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  await writeFile(join(folder, 'cert-chain.pem'), chain.join(''))
}

describe('the files of a CA of the user', () => {
  // The files are made after this line.
  const now = systemClock.wall()
  const soon = now + 3_600_000

  for (const newKey of [
    'rsa:2048',
    'ec -pkeyopt ec_paramgen_curve:prime256v1',
    'ec -pkeyopt ec_paramgen_curve:secp384r1',
  ]) {
    it(`are taken, and sign, with a key made by openssl -newkey ${newKey}`, async (test) => {
      const folder = await temporaryFolder(test)
      await writeForeignCa(folder, newKey)
      const { certificate, intermediates, root, roots, signer } = await readCa(
        new CaFolder(folder),
        soon,
      )
      assert.equal(intermediates.length, 1)
      assert.match(root.subject, /CN=Root/)
      assert.equal(roots.length, 1)

      const leaf = await issueLeaf(
        { certificate: certificate.toString(), signer },
        {
          subject: { kind: 'workload', identity: workload },
          publicKey: spkiOf(await createPrivateKey()),
          notBefore: now - 60_000,
          notAfter: soon,
        },
      )
      await writeFile(join(folder, 'leaf.pem'), leaf)
      const words =
        'verify -x509_strict -purpose sslclient -CAfile root-cert.pem -untrusted ca-cert.pem leaf.pem'
      const { stdout } = await run('openssl', words.split(' '), { cwd: folder })
      assert.equal(stdout, 'leaf.pem: OK\n')
      // Some programs compare names octet by octet.
      const issuer = new Certificate(leaf).issuerName.toArrayBuffer()
      const subject = new Certificate(certificate.toString()).subjectName.toArrayBuffer()
      assert.deepEqual(Buffer.from(issuer), Buffer.from(subject))
    })
  }

  it('are taken with a key in the older format of OpenSSL', async (test) => {
    const folder = await temporaryFolder(test)
    await writeForeignCa(folder, 'rsa:2048')
    const file = join(folder, caFileNames.key)
    await run('openssl', ['rsa', '-in', file, '-traditional', '-out', file])
    assert.match(await readFile(file, 'utf8'), /BEGIN RSA PRIVATE KEY/)
    assert.equal((await readCa(new CaFolder(folder), soon)).intermediates.length, 1)
  })

  it('are refused when the certificate is no CA', async (test) => {
    const folder = await temporaryFolder(test)
    await writeForeignCa(folder, 'rsa:2048', 'leaf')
    await assert.rejects(readCa(new CaFolder(folder), soon), { message: /CA:TRUE is missing/ })
  })
})

interface Fault {
  readonly name: string
  readonly spoil: (folder: string) => Promise<unknown>
  readonly atMs?: number
  readonly code?: string
  readonly want: RegExp
}

const faults: readonly Fault[] = [
  {
    name: 'a key of another certificate',
    spoil: async (folder) => {
      const { key } = await createOwnRoot('other', now)
      await writeFile(join(folder, caFileNames.key), key)
    },
    want: /ca-key\.pem is not the key of ca-cert\.pem/,
  },
  {
    name: 'a missing key',
    spoil: (folder) => rm(join(folder, caFileNames.key)),
    want: /ca-key\.pem is missing/,
  },
  {
    name: 'a missing certificate',
    spoil: (folder) => rm(join(folder, caFileNames.certificate)),
    want: /ca-cert\.pem is missing/,
  },
  {
    name: 'a root that does not vouch for the certificate',
    spoil: async (folder) => {
      const { certificate } = await createOwnRoot('other', now)
      await writeFile(join(folder, caFileNames.roots), certificate)
    },
    want: /no way leads from ca-cert\.pem to a root in root-cert\.pem/,
  },
  {
    name: 'a certificate that is not one',
    spoil: (folder) =>
      writeFile(
        join(folder, caFileNames.certificate),
        '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      ),
    want: /ca-cert\.pem cannot be read/,
  },
  {
    name: 'an encrypted key',
    spoil: async (folder) => {
      const key = await createPrivateKey()
      const cipher = { cipher: 'aes-256-cbc', passphrase: 'secret' }
      const text = key.export({ type: 'pkcs8', format: 'pem', ...cipher })
      await writeFile(join(folder, caFileNames.key), text)
    },
    want: /ca-key\.pem is encrypted/,
  },
  {
    name: 'a key that is not one',
    spoil: (folder) => writeFile(join(folder, caFileNames.key), 'hello'),
    want: /ca-key\.pem holds no private key/,
  },
  {
    name: 'a key that others may read',
    spoil: (folder) => chmod(join(folder, caFileNames.key), 0o640),
    code: 'IDENTITY_SECRET_EXPOSED',
    want: /mode 0640/,
  },
  {
    name: 'a root that has expired',
    spoil: async () => {},
    atMs: now + 11 * 365 * 86_400_000,
    want: /expired on 2035-/,
  },
  {
    name: 'a root that does not count yet',
    spoil: async () => {},
    atMs: now - 86_400_000,
    want: /counts from 2025-12-31/,
  },
]

describe('readCa', () => {
  for (const { name, spoil, atMs = now, code = 'IDENTITY_CA_UNUSABLE', want } of faults) {
    it(`refuses ${name}`, async (test) => {
      const folder = join(await temporaryFolder(test), 'ca')
      await ensureOwnRoot(new CaFolder(folder), 'cluster.local', now)
      await spoil(folder)
      await assert.rejects(readCa(new CaFolder(folder), atMs), { code, message: want })
    })
  }
})
