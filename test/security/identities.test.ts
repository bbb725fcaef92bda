import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { status } from '@grpc/grpc-js'
import { SignJWT } from 'jose'
import { systemClock } from '../../src/base/clock.ts'
import { readCa } from '../../src/identity/ca-files.ts'
import { CaFolder } from '../../src/identity/ca-folder.ts'
import { createCsr } from '../../src/identity/create-csr.ts'
import { issueLeaf } from '../../src/identity/issue-certificate.ts'
import { createPrivateKey, formatPrivateKey } from '../../src/identity/key-pair.ts'
import { createCertificateRequester } from '../../src/identity/request-certificate.ts'
import { openTokenKey, tokenKeyFile } from '../../src/identity/token-key.ts'
import { spkiOf, workload } from '../../src/testing/identity-rig.ts'
import { type MeshIdentityRig, serverName } from '../../src/testing/mesh-identity-rig.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { AttackedController } from './attacked-controller.ts'

interface TokenCase {
  readonly name: string
  readonly make: (mesh: MeshIdentityRig) => Promise<string>
  readonly details: RegExp
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claimsOf = (token: string) => token.split('.')[1] ?? ''

/** The claims of a good token, signed by somebody else in the name of the controller's key. */
async function signedByAnother(mesh: MeshIdentityRig): Promise<string> {
  const { id: kid } = await openTokenKey(mesh.state)
  const claims = JSON.parse(Buffer.from(claimsOf(await mesh.token()), 'base64url').toString())
  const header = { alg: 'ES256', kid }
  return await new SignJWT(claims).setProtectedHeader(header).sign(await createPrivateKey())
}

/** The same with the public key, which everybody may know, as a shared secret. */
async function signedWithPublicKey(mesh: MeshIdentityRig): Promise<string> {
  const { publicKey, id: kid } = await openTokenKey(mesh.state)
  const claims = JSON.parse(Buffer.from(claimsOf(await mesh.token()), 'base64url').toString())
  const secret = Buffer.from(String(publicKey.export({ type: 'spki', format: 'pem' })))
  return await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(secret)
}

const tokens: readonly TokenCase[] = [
  {
    name: 'that has expired',
    make: (mesh) => mesh.token({ ago: 7_200_000 }),
    details: /the token has expired/,
  },
  {
    name: 'of tomorrow',
    make: (mesh) => mesh.token({ ago: -86_400_000 }),
    details: /the token does not count yet/,
  },
  {
    name: 'for another audience',
    make: (mesh) => mesh.token({ audience: 'vault' }),
    details: /for another audience/,
  },
  { name: 'signed by another key', make: signedByAnother, details: /not signed by this/ },
  {
    name: 'signed by nobody (alg none)',
    make: async (mesh) => `${part({ alg: 'none' })}.${claimsOf(await mesh.token())}.`,
    details: /not signed by this/,
  },
  {
    name: 'signed with the public key as a shared secret',
    make: signedWithPublicKey,
    details: /not signed by this/,
  },
]

/** A certificate of our own CA whose time is over, as one who waited too long has it. */
async function expiredCertificate(mesh: MeshIdentityRig) {
  const now = systemClock.wall()
  const { certificate, signer } = await readCa(new CaFolder(mesh.caFolder), now)
  const key = await createPrivateKey()
  const leaf = await issueLeaf(
    { certificate: certificate.toString(), signer },
    {
      subject: { kind: 'workload', identity: workload },
      publicKey: spkiOf(key),
      notBefore: now - 7_200_000,
      notAfter: now - 60_000,
    },
  )
  return { key: formatPrivateKey(key), chain: leaf }
}

describe('the process of a controller', () => {
  let attacked: AttackedController
  const shown: string[] = []
  before(async () => {
    attacked = await AttackedController.start()
  })
  after(() => attacked.stop())

  const trusting = async () => ({ roots: await attacked.mesh.roots(), serverName })

  for (const { name, make, details } of tokens) {
    it(`refuses a stream with a token ${name}`, async () => {
      const token = await make(attacked.mesh)
      shown.push(token)
      await attacked.refusesBecause(
        'not_authenticated',
        async () => {
          const bad = attacked.mesh.connect({ tls: await trusting(), token })
          await until(() => bad.end !== undefined)
          assert.equal(bad.end?.code, status.UNAUTHENTICATED)
          assert.equal(bad.responses, 0)
          bad.close()
        },
        details,
      )
      await attacked.harmsNobody()
    })
  }

  it('refuses a stolen token: to another key, and to a stream without the certificate', async () => {
    const token = await attacked.mesh.token()
    shown.push(token)
    await (await attacked.mesh.join(token)).current()
    const ask = createCertificateRequester({
      clock: systemClock,
      addresses: async () => [attacked.tls],
    })
    const csr = await createCsr(await createPrivateKey())
    const tls = await trusting()
    await attacked.refusesBecause('token_used', () =>
      assert.rejects(ask(csr, 0, { tls, token }), { code: 'IDENTITY_CERTIFICATE_DENIED' }),
    )
    await attacked.refusesBecause(
      'not_authenticated',
      async () => {
        const bad = attacked.mesh.connect({ tls, token })
        await until(() => bad.end !== undefined)
      },
      /used for a certificate already/,
    )
    await attacked.harmsNobody()
  })

  it('refuses a certificate that has expired', async () => {
    const own = await expiredCertificate(attacked.mesh)
    await attacked.refusesBecause(
      'not_authenticated',
      async () => {
        const bad = attacked.mesh.connect({ tls: { ...(await trusting()), own } })
        await until(() => bad.end !== undefined)
        assert.equal(bad.end?.code, status.UNAUTHENTICATED)
      },
      /the certificate has expired/,
    )
    await attacked.harmsNobody()
  })

  it('refuses a certificate of another namespace than the stream claims', async () => {
    const credentials = await (await attacked.mesh.join()).current()
    shown.push(credentials.tls.own?.key ?? '')
    await attacked.refusesBecause('identity_mismatch', async () => {
      const bad = attacked.mesh.connect(credentials, 'shop')
      await until(() => bad.end !== undefined)
      assert.equal(bad.end?.code, status.PERMISSION_DENIED)
    })
    await attacked.harmsNobody()
  })

  it('wrote neither tokens nor keys, whatever was refused', async () => {
    const keys = [tokenKeyFile(attacked.mesh.state), join(attacked.mesh.caFolder, 'ca-key.pem')]
    for (const file of keys) shown.push(await readFile(file, 'utf8'))
    const secrets = shown.flatMap((text) => text.split(/[\n.]/)).filter(({ length }) => length > 40)
    assert.ok(secrets.length > 10)
    for (const secret of secrets.filter((text) => !text.startsWith('-----'))) {
      assert.ok(!attacked.text.includes(secret))
    }
  })
})

const tooOld: readonly (ConnectionOptions & { readonly wants: string })[] = [
  { wants: 'TLSV1_2', maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' },
  { wants: 'TLSV1_3', maxVersion: 'TLSv1.2' },
]

describe('the process of a controller whose mesh says how old TLS may be', () => {
  for (const { wants, ...version } of tooOld) {
    it(`refuses ${version.maxVersion} where meshMTLS.minProtocolVersion is ${wants}`, async (test) => {
      const folder = await temporaryFolder(test)
      const file = join(folder, 'mesh.yaml')
      await writeFile(file, `meshMTLS:\n  minProtocolVersion: ${wants}\n`)
      const attacked = await AttackedController.start(['--mesh-config', file])
      test.after(() => attacked.stop())
      const { address: host, port } = attacked.tls
      const line = await attacked.refusesBecause('tls_handshake', async () => {
        const ciphers = 'DEFAULT@SECLEVEL=0'
        const tried = { host, port, rejectUnauthorized: false, ciphers, ...version }
        const socket = connectTls(tried)
        await assert.rejects(
          new Promise((resolve, reject) => socket.on('secureConnect', resolve).on('error', reject)),
        )
      })
      assert.equal(line?.error?.code, 'ERR_SSL_UNSUPPORTED_PROTOCOL')
      await attacked.harmsNobody()
    })
  }
})
