import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { AddressResource } from '../../translate/discovery/resource.ts'

/** What every response says of itself. */
export interface Envelope {
  readonly typeUrl: string
  readonly version: string
  readonly nonce: string
}

/** What a delta response says beyond that. */
export interface DeltaContent {
  /** Each an encoded `envoy.service.discovery.v3.Resource`; copied as they are. */
  readonly resources: Iterable<Uint8Array>
  readonly removed: Iterable<string>
  readonly moreToCome: boolean
}

/** By what Istio's tools know whom they talk to. */
const controlPlane = new BinaryWriter().uint32(tag(1)).string('meshdns').finish()

/** An encoded `envoy.service.discovery.v3.DeltaDiscoveryResponse`, put together around what is encoded already. */
export function deltaResponse(
  { typeUrl, version, nonce }: Envelope,
  content: DeltaContent,
): Buffer {
  const writer = new BinaryWriter().uint32(tag(1)).string(version)
  for (const resource of content.resources) writer.uint32(tag(2)).bytes(resource)
  writer.uint32(tag(4)).string(typeUrl).uint32(tag(5)).string(nonce)
  for (const name of content.removed) writer.uint32(tag(6)).string(name)
  writer.uint32(tag(7)).bytes(controlPlane)
  if (content.moreToCome) writer.tag(10_601, WireType.Varint).bool(true)
  return asBuffer(writer.finish())
}

/** An encoded `envoy.service.discovery.v3.DiscoveryResponse` of encoded `google.protobuf.Any`s. */
export function wholeResponse(
  { typeUrl, version, nonce }: Envelope,
  resources: Iterable<Uint8Array>,
): Buffer {
  const writer = new BinaryWriter().uint32(tag(1)).string(version)
  for (const resource of resources) writer.uint32(tag(2)).bytes(resource)
  writer.uint32(tag(4)).string(typeUrl).uint32(tag(5)).string(nonce)
  writer.uint32(tag(6)).bytes(controlPlane)
  return asBuffer(writer.finish())
}

/** An encoded `google.protobuf.Any` around an encoded message. */
export function anyOf(typeUrl: string, message: Uint8Array): Uint8Array {
  return new BinaryWriter().uint32(tag(1)).string(typeUrl).uint32(tag(2)).bytes(message).finish()
}

/** An encoded `Resource` without a name, as the table of names is sent. */
export function namelessResource(version: string, any: Uint8Array): Uint8Array {
  return new BinaryWriter().uint32(tag(1)).string(version).uint32(tag(2)).bytes(any).finish()
}

/** The encoded `google.protobuf.Any` inside an encoded `Resource`. */
export function innerAny({ octets }: AddressResource): Uint8Array {
  const reader = new BinaryReader(octets)
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field === 2) return reader.bytes()
    reader.skip(wireType)
  }
  return new Uint8Array()
}

/** Of a field that has a length. */
function tag(field: number): number {
  return (field << 3) | WireType.LengthDelimited
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
