import { hash } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
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

/** Encodes resources, and tells which are the same as before. */
export class ResourceEncoder {
  /** Used again and again: a writer for each resource would cost more than what it writes. */
  readonly #writer = new BinaryWriter()

  /** The encoded resource; the one that is known already when nothing about it is different. */
  encode(
    { name, aliases, message, services }: ResourceContent,
    known: AddressResource | undefined,
  ): AddressResource {
    const value = toBinary(AddressSchema, create(AddressSchema, { type: typeOf(message) }))
    const version = hash('sha256', value, 'base64url').slice(0, versionLength)
    if (known?.version === version) {
      return isSameReferences(known.services, services) ? known : { ...known, services }
    }
    const octets = this.#pack({ version, name, aliases }, value)
    return { name, aliases, version, octets, services }
  }

  /** An `envoy.service.discovery.v3.Resource` around an encoded Address. */
  #pack(
    { version, name, aliases }: Pick<AddressResource, 'version' | 'name' | 'aliases'>,
    value: Uint8Array,
  ): Uint8Array {
    const writer = this.#writer
    writer.tag(1, WireType.LengthDelimited).string(version)
    writer.tag(2, WireType.LengthDelimited).fork()
    writer.tag(1, WireType.LengthDelimited).string(typeUrl)
    writer.tag(2, WireType.LengthDelimited).bytes(value).join()
    writer.tag(3, WireType.LengthDelimited).string(name)
    for (const alias of aliases) writer.tag(4, WireType.LengthDelimited).string(alias)
    return writer.finish()
  }
}

function typeOf(message: Service | Workload): Address['type'] {
  return message.$typeName === 'istio.workload.Service'
    ? { case: 'service', value: message }
    : { case: 'workload', value: message }
}

function isSameReferences(a: readonly ServiceReference[], b: readonly ServiceReference[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
