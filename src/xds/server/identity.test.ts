import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import { RefusedCallError } from '../../rpc/refused-call.ts'
import { addressResource } from '../../testing/address-resources.ts'
import { EnvoyStream, envoyNode } from '../../testing/envoy-discovery-client.ts'
import { startIdentityRig } from '../../testing/identity-rig.ts'
import { tokenOf } from '../../testing/served-certificates.ts'
import { until } from '../../testing/until.ts'
import { startXdsServerRig } from '../../testing/xds-server-rig.ts'
import { type Shown, startXdsTlsRig } from '../../testing/xds-tls-rig.ts'
import { typeUrls } from '../type-url.ts'

const first = (metadata: Readonly<Record<string, unknown>> = { NAMESPACE: 'vms' }) => ({
  node: envoyNode('ztunnel', 'vm1', metadata),
  type_url: typeUrls.address,
})

class GroupMissing extends RefusedCallError {
  override readonly code = 'TEST_GROUP_MISSING'
  override readonly status = status.FAILED_PRECONDITION
}

interface Case {
  readonly name: string
  readonly shown: Shown
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly code: status
  readonly reason: string
  readonly details: RegExp
}

const refused: readonly Case[] = [
  {
    name: 'neither a certificate nor a token',
    shown: {},
    code: status.UNAUTHENTICATED,
    reason: 'not_authenticated',
    details: /certificate|token/,
  },
  {
    name: 'a token that is none',
    shown: { token: 'x.y.z' },
    code: status.UNAUTHENTICATED,
    reason: 'not_authenticated',
    details: /token/,
  },
  {
    name: 'a certificate of another namespace than it claims',
    shown: { as: { namespace: 'other' } },
    code: status.PERMISSION_DENIED,
    reason: 'identity_mismatch',
    details: /claims the namespace vms, but is spiffe:\/\/cluster.local\/ns\/other\/sa\/web/,
  },
  {
    name: 'a certificate of another service account than it claims',
    shown: { as: {} },
    metadata: { NAMESPACE: 'vms', SERVICE_ACCOUNT: 'db' },
    code: status.PERMISSION_DENIED,
    reason: 'identity_mismatch',
    details: /claims the service account db/,
  },
]

describe('a stream over TLS', () => {
  for (const { name, shown, metadata, code, reason, details } of refused) {
    it(`is refused with ${name}, and the log names the reason`, async (test) => {
      const rig = await startXdsTlsRig(test)
      const stream = await rig.open(shown)
      stream.send(first(metadata))
      const error = await stream.ending()
      assert.equal(error?.code, code)
      assert.match(error?.details ?? '', details)
      const line = rig.lines.find(({ message }) => message === 'refused an xds client')
      assert.equal(line?.reason, reason)
      assert.deepEqual(rig.heard, [])
    })
  }

  it('is refused with a certificate of another CA', async (test) => {
    const rig = await startXdsTlsRig(test)
    const other = await startIdentityRig(test, rig.identity.clock.wall())
    const stream = await rig.open({ as: {}, of: other })
    stream.send(first())
    assert.equal((await stream.ending())?.code, status.UNAUTHENTICATED)
  })

  it('comes in with its certificate, and is known by it', async (test) => {
    const rig = await startXdsTlsRig(test)
    const stream = await rig.open({ as: {} })
    stream.send(first({ NAMESPACE: 'vms', SERVICE_ACCOUNT: 'web' }))
    await stream.next()
    const [found] = rig.server.proxies()
    assert.equal(found?.connection.identity?.namespace, 'vms')
    assert.match(found?.connection.address ?? '', /^127\.0\.0\.1:\d+$/)
  })

  it('comes in with a token', async (test) => {
    const rig = await startXdsTlsRig(test)
    const stream = await rig.open({ token: await tokenOf(rig.identity) })
    stream.send(first())
    await stream.next()
    assert.equal(rig.server.proxies()[0]?.connection.identity?.serviceAccount, 'web')
  })

  it('may claim anything where identities are not checked', async (test) => {
    const rig = await startXdsTlsRig(test, { identityCheck: false })
    const stream = await rig.open({ as: { namespace: 'other' } })
    stream.send(first())
    await stream.next()
  })

  it('goes on while the server’s certificate is renewed', async (test) => {
    const rig = await startXdsTlsRig(test)
    const stream = await rig.open({ as: {} })
    stream.send(first())
    const { nonce } = await stream.next()
    stream.send({ type_url: typeUrls.address, response_nonce: nonce })
    await rig.certificate.renew()
    rig.server.publish({ put: [addressResource('ns1/a.test')], drop: [] })
    assert.equal((await stream.next()).resources.length, 1)
    const second = await rig.open({ as: {} })
    second.send(first())
    assert.equal((await second.next()).resources.length, 1)
  })
})

describe('a stream without TLS', () => {
  it('has no identity', async (test) => {
    const rig = await startXdsTlsRig(test)
    const stream = new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
    test.after(() => stream.close())
    stream.send(first())
    await stream.next()
    assert.equal(rig.server.proxies()[0]?.connection.identity, undefined)
  })
})

describe('a proxy that nobody wants to follow', () => {
  it('is refused as the one says who does not want it', async (test) => {
    const rig = await startXdsServerRig(test)
    rig.set({ connected: () => Promise.reject(new GroupMissing('there is no group web')) })
    const stream = new EnvoyStream(rig.plaintext, 'StreamAggregatedResources')
    test.after(() => stream.close())
    stream.send(first({ NAMESPACE: 'vms', AUTO_REGISTER_GROUP: 'web' }))
    const error = await stream.ending()
    assert.equal(error?.code, status.FAILED_PRECONDITION)
    assert.equal(error?.details, 'there is no group web')
    await until(() => rig.lines.some(({ reason }) => reason === 'not_accepted'))
    assert.deepEqual(rig.server.proxies(), [])
  })
})
