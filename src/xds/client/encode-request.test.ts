import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, fromBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { DeltaDiscoveryRequestSchema } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { encodeRequest } from './encode-request.ts'

const seed = 7

describe('encodeRequest', () => {
  it(`encodes any versions as the protocol has them (seed ${seed})`, () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.constantFrom('', '__proto__', 'ü'.repeat(100), 'x'.repeat(20_000)),
    )
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 20 }), (versions) => {
        const request = create(DeltaDiscoveryRequestSchema, { typeUrl: 'type', responseNonce: '1' })
        const octets = encodeRequest(request, new Map(Object.entries(versions)))
        const read = fromBinary(DeltaDiscoveryRequestSchema, octets)
        assert.equal(read.typeUrl, 'type')
        assert.deepEqual({ ...read.initialResourceVersions }, { ...versions })
      }),
      { seed },
    )
  })

  it('encodes a request without versions', () => {
    const request = create(DeltaDiscoveryRequestSchema, { typeUrl: 'type' })
    assert.deepEqual(fromBinary(DeltaDiscoveryRequestSchema, encodeRequest(request)), request)
  })
})
