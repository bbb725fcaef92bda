import assert from 'node:assert/strict'
import { fromBinary } from '@bufbuild/protobuf'
import { anyUnpack } from '@bufbuild/protobuf/wkt'
import { ResourceSchema } from '../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { type Address, AddressSchema } from '../rpc/gen/istio/workload/workload_pb.js'
import type { AddressResource } from '../translate/discovery/resource.ts'

/** What a client finds in the octets of a resource. */
export function decodeResource(resource: AddressResource): {
  readonly name: string
  readonly resource: Address
} {
  const outer = fromBinary(ResourceSchema, resource.octets)
  assert.equal(outer.name, resource.name)
  assert.equal(outer.version, resource.version)
  assert.deepEqual(outer.aliases, resource.aliases)
  const address = outer.resource && anyUnpack(outer.resource, AddressSchema)
  assert.ok(address)
  return { name: outer.name, resource: address }
}
