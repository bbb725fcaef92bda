import { hash } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import { ResourceSchema } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import {
  type Address,
  AddressSchema,
  type Service,
  type Workload,
} from '../../rpc/gen/istio/workload/workload_pb.js'
import type { AddressResource, ServiceReference } from './resource.ts'

/** Characters of base64url: 72 bits, to tell the few versions of one resource apart. */
const versionLength = 12
const typeUrl = `type.googleapis.com/${AddressSchema.typeName}`

/** What a resource is made of. */
export interface ResourceContent {
  readonly name: string
  readonly aliases: readonly string[]
  readonly message: Service | Workload
  readonly services: readonly ServiceReference[]
}

/** The encoded resource; the one that is known already when nothing about it is different. */
export function encodeResource(
  { name, aliases, message, services }: ResourceContent,
  known: AddressResource | undefined,
): AddressResource {
  const value = toBinary(AddressSchema, create(AddressSchema, { type: typeOf(message) }))
  const version = hash('sha256', value, 'base64url').slice(0, versionLength)
  if (known?.version === version) {
    return isSameReferences(known.services, services) ? known : { ...known, services }
  }
  const resource = create(ResourceSchema, {
    version,
    name,
    aliases: [...aliases],
    resource: { typeUrl, value },
  })
  return { name, aliases, version, octets: toBinary(ResourceSchema, resource), services }
}

function typeOf(message: Service | Workload): Address['type'] {
  return message.$typeName === 'istio.workload.Service'
    ? { case: 'service', value: message }
    : { case: 'workload', value: message }
}

function isSameReferences(a: readonly ServiceReference[], b: readonly ServiceReference[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
