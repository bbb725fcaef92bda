import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { ClusterSchema } from '../../rpc/gen/meshdns/v1/cluster_pb.js'
import { decodeCluster, encodeCluster } from './cluster-message.ts'

const facts = {
  domain: 'cluster.local',
  namespaces: new Set(['b', 'a']),
  complete: true,
  unknownServices: new Set(['odd.b', 'odd.a']),
}

describe('a cluster as a resource', () => {
  it('reads back as it was', () => {
    assert.deepEqual(decodeCluster(encodeCluster(facts).octets), {
      ...facts,
      namespaces: new Set(['a', 'b']),
    })
  })

  it('has one version for one content, in whatever order it came', () => {
    const { version } = encodeCluster(facts)
    assert.equal(encodeCluster({ ...facts, namespaces: new Set(['a', 'b']) }).version, version)
    assert.equal(
      encodeCluster({ ...facts, unknownServices: new Set(['odd.a', 'odd.b']) }).version,
      version,
    )
    assert.notEqual(encodeCluster({ ...facts, unknownServices: new Set() }).version, version)
    assert.notEqual(encodeCluster({ ...facts, complete: false }).version, version)
  })

  const bad = [
    { name: 'no domain at all', fields: {} },
    { name: 'a domain that is none', fields: { domain: 'a..b' } },
    { name: 'a wildcard', fields: { domain: '*.local' } },
    { name: 'a namespace that is none', fields: { domain: 'a.b', namespaces: ['A b'] } },
  ]
  for (const { name, fields } of bad) {
    it(`is refused with ${name}`, () => {
      const octets = toBinary(ClusterSchema, create(ClusterSchema, fields))
      assert.throws(() => decodeCluster(octets), TypeError)
    })
  }

  it('is refused when it is no message', () => {
    assert.throws(() => decodeCluster(Uint8Array.of(0xff, 0xff)))
  })
})
