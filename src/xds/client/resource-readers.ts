import { fromBinary } from '@bufbuild/protobuf'
import type { Resource } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { type NameTable, NameTableSchema } from '../../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import { type Address, AddressSchema } from '../../rpc/gen/istio/workload/workload_pb.js'
import { typeUrls } from '../type-url.ts'
import type { ResourceReader } from './receive.ts'

export const addressReader: ResourceReader<Address> = {
  typeUrl: typeUrls.address,
  read(resource) {
    if (resource.name === '') throw new TypeError('it has no name')
    const address = fromBinary(AddressSchema, contentOf(resource))
    if (address.type.case === undefined) {
      throw new TypeError('it is neither a service nor a workload')
    }
    return address
  },
}

export const nameTableReader: ResourceReader<NameTable> = {
  typeUrl: typeUrls.nameTable,
  read: (resource) => fromBinary(NameTableSchema, contentOf(resource)),
}

function contentOf({ resource }: Resource): Uint8Array {
  return resource?.value ?? new Uint8Array()
}
