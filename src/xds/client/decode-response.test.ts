import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import {
  DeltaDiscoveryResponseSchema,
  ResourceSchema,
} from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { decodeResponse, entriesOf, responseOfRemoved } from './decode-response.ts'

const word = fc.string({ unit: 'grapheme' })
const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 })
const any = fc.record({ typeUrl: word, value: fc.uint8Array({ maxLength: 300 }) })
const resource = fc.record({
  name: word,
  version: word,
  aliases: list(word),
  resource: fc.option(any, { nil: undefined }),
})
const response = fc.record({
  systemVersionInfo: word,
  resources: list(resource),
  typeUrl: word,
  nonce: word,
  removedResources: list(word),
  controlPlane: fc.option(fc.record({ identifier: word }), { nil: undefined }),
  moreToCome: fc.boolean(),
})

describe('decodeResponse', () => {
  it('reads what the schema reads', () => {
    fc.assert(
      fc.property(response, (fields) => {
        const message = create(DeltaDiscoveryResponseSchema, fields)
        const octets = toBinary(DeltaDiscoveryResponseSchema, message)
        const { typeUrl, nonce, moreToCome, removedResources, resources, server } =
          decodeResponse(octets)
        assert.deepEqual(
          { typeUrl, nonce, moreToCome, removedResources, server },
          {
            typeUrl: fields.typeUrl,
            nonce: fields.nonce,
            moreToCome: fields.moreToCome,
            removedResources: fields.removedResources,
            server: fields.controlPlane?.identifier,
          },
        )
        const texts = resources.map(({ content: one }) => one && `${one.typeUrl} ${hex(one.value)}`)
        assert.deepEqual(
          texts,
          message.resources.map(({ resource: one }) => one && `${one.typeUrl} ${hex(one.value)}`),
        )
        assert.deepEqual(
          resources.map(({ name, version }) => ({ name, version })),
          message.resources.map(({ name, version }) => ({ name, version })),
        )
        const again = resources.map((one) => hex(one.octets))
        const want = message.resources.map((one) => hex(toBinary(ResourceSchema, one)))
        assert.deepEqual(again, want)
      }),
    )
  })

  it('reads what it makes of names that are gone', () => {
    const { octets, ...made } = responseOfRemoved(['a', 'b'])
    assert.deepEqual(decodeResponse(octets), { ...made, octets })
    assert.equal(entriesOf({ ...made, octets }), 2)
  })

  for (const octets of ['12', '12ff', 'ffffffffff', '00', '0b']) {
    it(`refuses ${octets}`, () => {
      assert.throws(() => decodeResponse(Buffer.from(octets, 'hex')), RangeError)
    })
  }
})

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex')
}
