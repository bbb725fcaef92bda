import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { DeltaDiscoveryRequestSchema } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { readDeltaRequest } from './delta-request.ts'
import { RequestUnreadableError } from './request-unreadable.ts'

const held = { 'ns1/a.test': 'one', 'ns1/b.test': '', 'ns1/grün.test': 'two' }
const whole = toBinary(
  DeltaDiscoveryRequestSchema,
  create(DeltaDiscoveryRequestSchema, {
    node: { id: 'ztunnel~10.0.0.1~zt.ns1~x' },
    typeUrl: 'type.test/Address',
    resourceNamesSubscribe: ['*'],
    initialResourceVersions: held,
    responseNonce: 'n1',
  }),
)

describe('readDeltaRequest', () => {
  it('reads what a request says, and what its client holds', () => {
    const request = readDeltaRequest(Buffer.from(whole))
    assert.equal(request.node?.id, 'ztunnel~10.0.0.1~zt.ns1~x')
    assert.equal(request.typeUrl, 'type.test/Address')
    assert.deepEqual(request.resourceNamesSubscribe, ['*'])
    assert.equal(request.responseNonce, 'n1')
    assert.deepEqual(Object.fromEntries(request.claims), held)
  })

  it('reads entries wherever they stand', () => {
    const more = toBinary(
      DeltaDiscoveryRequestSchema,
      create(DeltaDiscoveryRequestSchema, { initialResourceVersions: { 'ns2/c.test': '3' } }),
    )
    const { claims } = readDeltaRequest(Buffer.concat([more, whole, more]))
    assert.deepEqual(Object.fromEntries(claims), { ...held, 'ns2/c.test': '3' })
  })

  it('refuses what is cut off, wherever that is', () => {
    let refused = 0
    for (let length = 1; length < whole.length; length += 1) {
      try {
        void [...readDeltaRequest(Buffer.from(whole.subarray(0, length))).claims]
      } catch (error) {
        assert.ok(error instanceof RequestUnreadableError)
        refused += 1
      }
    }
    // It may end behind one of its seven fields.
    assert.equal(refused, whole.length - 1 - 6)
  })

  const broken: readonly { readonly name: string; readonly hex: string }[] = [
    { name: 'is longer than its message', hex: '2a7f0a0161' },
    { name: 'has a name that is longer than itself', hex: '2a030a0561' },
    { name: 'is no message', hex: '2a03ffffff' },
  ]
  for (const { name, hex } of broken) {
    it(`refuses an entry that ${name}`, () => {
      assert.throws(
        () => [...readDeltaRequest(Buffer.from(hex, 'hex')).claims],
        RequestUnreadableError,
      )
    })
  }
})
