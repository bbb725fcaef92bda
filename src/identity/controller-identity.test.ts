import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { formatSpiffeId } from '../rpc/spiffe-id.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { workload } from '../testing/identity-rig.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import {
  type ControllerIdentityParts,
  caFolderOf,
  startControllerIdentity,
} from './controller-identity.ts'
import { issueToken } from './issue-token.ts'
import { IdentityOptions } from './options.ts'
import { openTokenKey } from './token-key.ts'

async function partsOf(test: TestContext): Promise<ControllerIdentityParts> {
  return {
    options: IdentityOptions.parse({}),
    stateFolder: await temporaryFolder(test),
    serverNames: ['host-1', 'host-1', 'a name with spaces', '192.0.2.1'],
    ports: {
      clock: new FakeClock(),
      log: silentLog,
      health: new Health(),
      meters: new Meters(),
    },
    random: () => 0,
  }
}

describe('the identity of a controller', () => {
  it('comes out of an empty state folder, and believes tokens that a command issues there', async (test) => {
    const parts = await partsOf(test)
    const { options, stateFolder, ports } = parts
    const identity = await startControllerIdentity(parts)
    test.after(() => identity.stop())
    const names = () => new X509Certificate(identity.tls.current().chain).subjectAltName
    assert.equal(names(), 'DNS:host-1, IP Address:192.0.2.1')
    await identity.rename(['host-2'])
    assert.equal(names(), 'DNS:host-2')

    const key = await openTokenKey(stateFolder)
    const issuer = { key, issuer: options.tokenIssuer, audience: options.tokenAudience }
    const request = { ...workload, durationSeconds: 60, nowMs: ports.clock.wall() }
    const authorization = `Bearer ${await issueToken(issuer, request)}`
    const known = await identity.authenticator.authenticate({ address: 'x', authorization })
    assert.equal(formatSpiffeId(known), formatSpiffeId(workload))

    const files = await readdir(stateFolder, { recursive: true })
    assert.deepEqual(files.toSorted(), [
      'ca',
      'ca/ca-cert.pem',
      'ca/ca-key.pem',
      'ca/root-cert.pem',
      'token-key.pem',
    ])
    for (const file of files) {
      const { mode } = await stat(join(stateFolder, file))
      assert.equal(mode & 0o077, 0, file)
    }
  })

  it('takes a verifier of other tokens', async (test) => {
    const expiresAt = Number.MAX_SAFE_INTEGER
    const tokens = { verify: async () => ({ namespace: 'a', serviceAccount: 'b', expiresAt }) }
    const identity = await startControllerIdentity({ ...(await partsOf(test)), tokens })
    test.after(() => identity.stop())
    const known = await identity.authenticator.authenticate({
      address: 'x',
      authorization: 'Bearer x',
    })
    assert.equal(formatSpiffeId(known), 'spiffe://cluster.local/ns/a/sa/b')
  })

  it('does not start over files of a CA that are no good', async (test) => {
    const parts = await partsOf(test)
    const folder = caFolderOf(parts.options, parts.stateFolder)
    await mkdir(folder)
    await writeFile(join(folder, 'ca-cert.pem'), 'nothing')
    await assert.rejects(startControllerIdentity(parts), { code: 'IDENTITY_CA_UNUSABLE' })
  })
})
