import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { DetailsSchema } from '../../rpc/gen/meshdns/v1/details_pb.js'
import type { ExtensionFields } from './address-fields.ts'
import { decodeDetails } from './decode-details.ts'
import type { DetailsFields } from './details-fields.ts'
import type { Faults } from './faults.ts'

const name = 'meshdns.io/details'
const typeUrl = `type.googleapis.com/${DetailsSchema.typeName}`

/** What Istio's messages have no place for, as an extension of a service or workload. */
export function packDetails(details: MessageInitShape<typeof DetailsSchema>) {
  const value = toBinary(DetailsSchema, create(DetailsSchema, details))
  return { name, config: { typeUrl, value } }
}

/** The details among the extensions; `undefined` when another controller than ours sent none. */
export function findDetails(
  extensions: readonly ExtensionFields[],
  faults: Faults,
): DetailsFields | undefined {
  const extension = extensions.find((one) => one.name === name)
  if (extension?.config?.typeUrl !== typeUrl) return undefined
  try {
    return decodeDetails(extension.config.value)
  } catch (error) {
    faults.add(
      `its details cannot be read: ${error instanceof Error ? error.message : 'no reason'}`,
    )
    return undefined
  }
}
