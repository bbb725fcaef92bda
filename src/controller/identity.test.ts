import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { status } from '@grpc/grpc-js'
import { systemClock } from '../base/clock.ts'
import { CaFolder } from '../identity/ca-folder.ts'
import { readCertificates } from '../identity/certificates.ts'
import { activateNextRoot, addNextRoot } from '../identity/rotate-root.ts'
import type { DeltaClient } from '../testing/delta-client.ts'
import { certify, startIdentityRig, workload } from '../testing/identity-rig.ts'
import {
  type MeshIdentityRig,
  serverName,
  startMeshIdentity,
} from '../testing/mesh-identity-rig.ts'
import { until } from '../testing/until.ts'

function hears(client: DeltaClient, host: string): boolean {
  if (client.end) throw client.end
  return [...client.addresses.keys()].some((name) => name.endsWith(`/${host}`))
}

describe('a machine and its controller', () => {
  it('know each other: by a token once, by certificates from then on', async (test) => {
    const mesh = await startMeshIdentity(test)
    const machine = await mesh.join()
    const shown = await machine.current()
    assert.ok(shown.tls.own)
    const client = mesh.connect(shown)
    await until(() => hears(client, 'first.test'))
  })

  it('keep their stream while certificates are renewed and the root is rotated', async (test) => {
    const mesh = await startMeshIdentity(test)
    const machine = await mesh.join()
    const old = await machine.current()
    const client = mesh.connect(old)
    await until(() => hears(client, 'first.test'))

    await addNextRoot(new CaFolder(mesh.caFolder), systemClock.wall())
    await until(() => mesh.lines.filter(isServerRenewal).length === 1)
    await mesh.declare('second.test')
    await until(() => hears(client, 'second.test'))
    const both = { ...old, tls: { ...old.tls, roots: await mesh.roots() } }
    assert.equal(readCertificates(both.tls.roots).length, 2)

    await activateNextRoot(new CaFolder(mesh.caFolder))
    await until(() => mesh.lines.filter(isServerRenewal).length === 2)
    await mesh.declare('third.test')
    await until(() => hears(client, 'third.test'))
    const again = mesh.connect(both)
    await until(() => hears(again, 'third.test'))
    const late = await mesh.join()
    const other = mesh.connect(await late.current())
    await until(() => hears(other, 'third.test'))
    assert.equal(client.end, undefined)
  })
})

function isServerRenewal(line: string): boolean {
  return line.includes('renewed the certificate of the controller')
}

interface Refusal {
  readonly name: string
  readonly connect: (mesh: MeshIdentityRig, test: TestContext) => Promise<DeltaClient>
  readonly code?: status
  readonly details: RegExp
}

const trusting = async (mesh: MeshIdentityRig) => ({ roots: await mesh.roots(), serverName })

const refusals: readonly Refusal[] = [
  {
    name: 'nothing',
    connect: async (mesh) => mesh.connect({ tls: await trusting(mesh) }),
    details: /neither a certificate nor a token/,
  },
  {
    name: 'an expired token',
    connect: async (mesh) =>
      mesh.connect({ tls: await trusting(mesh), token: await mesh.token({ ago: 7_200_000 }) }),
    details: /the token has expired/,
  },
  {
    name: 'a token for somebody else',
    connect: async (mesh) =>
      mesh.connect({ tls: await trusting(mesh), token: await mesh.token({ audience: 'vault' }) }),
    details: /for another audience/,
  },
  {
    name: 'a forged token',
    connect: async (mesh) => {
      const [header, claims] = (await mesh.token()).split('.')
      const [, , signature] = (await mesh.token()).split('.')
      const token = `${header}.${claims}.${signature}`
      return mesh.connect({ tls: await trusting(mesh), token })
    },
    details: /not signed by this controller/,
  },
  {
    name: 'a token that a certificate was given for',
    connect: async (mesh) => {
      const token = await mesh.token()
      assert.ok((await (await mesh.join(token)).current()).tls.own)
      return mesh.connect({ tls: await trusting(mesh), token })
    },
    details: /used for a certificate already/,
  },
  {
    name: 'a certificate of another CA',
    connect: async (mesh, test) => {
      const foreign = await startIdentityRig(test, systemClock.wall())
      const own = await certify(foreign.ca, workload)
      return mesh.connect({ tls: { ...(await trusting(mesh)), own } })
    },
    details: /no trusted root vouches for the certificate/,
  },
  {
    name: 'a certificate of another namespace than it claims',
    connect: async (mesh) => mesh.connect(await (await mesh.join()).current(), 'shop'),
    code: status.PERMISSION_DENIED,
    details: /claims the namespace shop, but is spiffe:\/\/cluster\.local\/ns\/vms\/sa\/web/,
  },
]

describe('a controller refuses a stream', () => {
  for (const { name, connect, code = status.UNAUTHENTICATED, details } of refusals) {
    it(`that shows ${name}; the log says so, and others go on`, async (test) => {
      const mesh = await startMeshIdentity(test)
      const good = mesh.connect(await (await mesh.join()).current())
      await until(() => hears(good, 'first.test'))

      const bad = await connect(mesh, test)
      await until(() => bad.end !== undefined)
      assert.equal(bad.end?.code, code)
      assert.match(bad.end?.details ?? '', details)
      assert.equal(bad.responses, 0)
      const line = mesh.lines.find((text) => text.includes('refused an xds client'))
      assert.match(line ?? '', details)
      // Neither a token (a JWT begins so) nor a key.
      assert.doesNotMatch(mesh.lines.join(''), /eyJ|PRIVATE KEY/)

      await mesh.declare('second.test')
      await until(() => hears(good, 'second.test'))
    })
  }
})
