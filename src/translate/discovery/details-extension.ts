import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf'
import { anyPack } from '@bufbuild/protobuf/wkt'
import type { Extension } from '../../rpc/gen/istio/workload/workload_pb.js'
import { type Details, DetailsSchema } from '../../rpc/gen/meshdns/v1/details_pb.js'
import type { Faults } from './faults.ts'

const name = 'meshdns.io/details'
const typeUrl = `type.googleapis.com/${DetailsSchema.typeName}`

/** What Istio's messages have no place for, as an extension of a service or workload. */
export function packDetails(details: MessageInitShape<typeof DetailsSchema>) {
  return { name, config: anyPack(DetailsSchema, create(DetailsSchema, details)) }
}

/** The details among the extensions; `undefined` when another controller than ours sent none. */
export function findDetails(extensions: readonly Extension[], faults: Faults): Details | undefined {
  const extension = extensions.find((one) => one.name === name)
  if (extension?.config?.typeUrl !== typeUrl) return undefined
  try {
    return fromBinary(DetailsSchema, extension.config.value)
  } catch (error) {
    faults.add(
      `its details cannot be read: ${error instanceof Error ? error.message : 'no reason'}`,
    )
    return undefined
  }
}
