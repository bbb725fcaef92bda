import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { certify, startIdentityRig, workload } from '../testing/identity-rig.ts'
import { CaFolder } from './ca-folder.ts'
import { caFileNames } from './ca-store.ts'
import { CertificateAuthority } from './certificate-authority.ts'
import { readCertificates, tryBuildChain } from './certificates.ts'
import { activateNextRoot, addNextRoot, retireOldRoots } from './rotate-root.ts'

/** Whether somebody who trusts these roots believes the certificate. */
function isBelieved(chain: string, roots: string): boolean {
  const [leaf, ...rest] = readCertificates(chain)
  return leaf !== undefined && tryBuildChain(leaf, rest, readCertificates(roots)) !== undefined
}

describe('a rotation of the root', () => {
  it('goes step by step, and at no step a certificate is refused that counted before', async (test) => {
    // Files have the time of the machine.
    const { ca, clock, folder } = await startIdentityRig(test, systemClock.wall())
    const first = ca.roots()
    const old = await certify(ca, workload)

    await addNextRoot(new CaFolder(folder), clock.wall())
    await ca.refresh()
    const both = ca.roots()
    const between = await certify(ca, workload)
    assert.equal(readCertificates(both).length, 2)
    assert.ok(both.startsWith(first))
    assert.ok(isBelieved(between.chain, first))

    await activateNextRoot(new CaFolder(folder))
    await ca.refresh()
    const young = await certify(ca, workload)
    assert.ok(!isBelieved(young.chain, first))
    for (const { chain } of [old, between, young]) assert.ok(isBelieved(chain, ca.roots()))
    for (const { chain } of [old, between, young]) assert.ok(isBelieved(chain, both))

    await assert.rejects(retireOldRoots(new CaFolder(folder), clock.wall(), 86_400), {
      code: 'IDENTITY_ROTATION_OUT_OF_TURN',
      message: /may count until/,
    })
    clock.advance(86_460_000)
    await retireOldRoots(new CaFolder(folder), clock.wall(), 86_400)
    await ca.refresh()
    assert.equal(readCertificates(ca.roots()).length, 1)
    assert.ok(isBelieved(young.chain, ca.roots()))
    assert.ok(!isBelieved(old.chain, ca.roots()))
  })

  it('that was cut short while a root was activated is finished by the next start', async (test) => {
    const { clock, folder, ports } = await startIdentityRig(test)
    await addNextRoot(new CaFolder(folder), clock.wall())
    await rename(join(folder, 'next-ca-key.pem'), join(folder, caFileNames.key))
    const settings = { store: new CaFolder(folder), trustDomain: 'cluster.local', pollMs: 10_000 }
    const ca = await CertificateAuthority.start(settings, ports)
    test.after(() => ca.stop())
    const [signing] = readCertificates(ca.roots())
    const { chain } = await certify(ca, workload)
    assert.ok(signing && new X509Certificate(chain).verify(signing.publicKey))
    assert.equal(readCertificates(ca.roots()).length, 2)
  })

  for (const { name, act, want } of [
    {
      name: 'activated before there is a next one',
      act: (folder: string) => activateNextRoot(new CaFolder(folder)),
      want: /no next root was added/,
    },
    {
      name: 'added twice',
      act: async (folder: string, now: number) => {
        await addNextRoot(new CaFolder(folder), now)
        await addNextRoot(new CaFolder(folder), now)
      },
      want: /a next root is there already/,
    },
  ]) {
    it(`is refused when the root is ${name}`, async (test) => {
      const { clock, folder } = await startIdentityRig(test)
      await assert.rejects(act(folder, clock.wall()), {
        code: 'IDENTITY_ROTATION_OUT_OF_TURN',
        message: want,
      })
    })
  }
})
