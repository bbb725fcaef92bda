import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { anyPack } from '@bufbuild/protobuf/wkt'
import { DetailsSchema } from '../../rpc/gen/meshdns/v1/details_pb.js'

const name = 'meshdns.io/details'

/** What Istio's messages have no place for, as an extension of a service or workload. */
export function packDetails(details: MessageInitShape<typeof DetailsSchema>) {
  return { name, config: anyPack(DetailsSchema, create(DetailsSchema, details)) }
}
