import { fromBinary } from '@bufbuild/protobuf'
import type { ClusterFacts } from '../../registry/cluster-facts.ts'
import { type NameTable, NameTableSchema } from '../../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import type { AddressFields } from '../../translate/discovery/address-fields.ts'
import { decodeCluster } from '../../translate/discovery/cluster-message.ts'
import { decodeAddress } from '../../translate/discovery/decode-address.ts'
import { typeUrls } from '../type-url.ts'
import type { ResourceReader } from './receive.ts'

export const addressReader: ResourceReader<AddressFields> = {
  typeUrl: typeUrls.address,
  read(name, octets) {
    if (name === '') throw new TypeError('it has no name')
    const address = decodeAddress(octets)
    if (address.type.case === undefined) {
      throw new TypeError('it is neither a service nor a workload')
    }
    return address
  },
}

export const nameTableReader: ResourceReader<NameTable> = {
  typeUrl: typeUrls.nameTable,
  read: (_name, octets) => fromBinary(NameTableSchema, octets),
}

export const clusterReader: ResourceReader<ClusterFacts> = {
  typeUrl: typeUrls.cluster,
  read: (_name, octets) => decodeCluster(octets),
}
