import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { AddressResource } from '../../translate/discovery/resource.ts'
import { EncodedResponse } from './encoded-response.ts'

/** What every response says of itself. */
export interface Envelope {
  readonly typeUrl: string
  readonly version: string
  readonly nonce: string
}

/** What a delta response says beyond that. */
export interface DeltaContent {
  /** Each an encoded `envoy.service.discovery.v3.Resource`; copied as they are. */
  readonly resources: readonly Uint8Array[]
  /** More of them, `framed` before. */
  readonly framed?: Uint8Array
  readonly removed: Iterable<string>
  readonly moreToCome: boolean
}

/** By what Istio's tools know whom they talk to. */
const controlPlane = new BinaryWriter().uint32(tag(1)).string('meshdns').finish()

/** An encoded `envoy.service.discovery.v3.DeltaDiscoveryResponse`, put together around what is encoded already. */
export function deltaResponse(
  { typeUrl, version, nonce }: Envelope,
  content: DeltaContent,
): EncodedResponse {
  const writer = new BinaryWriter().uint32(tag(1)).string(version)
  writer.uint32(tag(4)).string(typeUrl).uint32(tag(5)).string(nonce)
  for (const name of content.removed) writer.uint32(tag(6)).string(name)
  writer.uint32(tag(7)).bytes(controlPlane)
  if (content.moreToCome) writer.tag(10_601, WireType.Varint).bool(true)
  const { framed: others = new Uint8Array() } = content
  return new EncodedResponse([framed(content.resources), others, writer.finish()])
}

/** An encoded `envoy.service.discovery.v3.DiscoveryResponse` of encoded `google.protobuf.Any`s. */
export function wholeResponse(
  { typeUrl, version, nonce }: Envelope,
  resources: readonly Uint8Array[],
): EncodedResponse {
  const writer = new BinaryWriter().uint32(tag(1)).string(version)
  writer.uint32(tag(4)).string(typeUrl).uint32(tag(5)).string(nonce)
  writer.uint32(tag(6)).bytes(controlPlane)
  return new EncodedResponse([framed(resources), writer.finish()])
}

/**
 * Encoded resources as they stand in a response of either kind: each of them its field 2.
 *
 * By hand, as a `BinaryWriter` takes ten times as long for many small pieces.
 */
export function framed(resources: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const { length } of resources) size += 1 + varintSize(length) + length
  const octets = new Uint8Array(size)
  let at = 0
  for (const resource of resources) {
    octets[at] = tag(2)
    at = writeVarint(octets, resource.length, at + 1)
    octets.set(resource, at)
    at += resource.length
  }
  return octets
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 127; rest >>>= 7) size += 1
  return size
}

/** Returns where it ends. */
function writeVarint(octets: Uint8Array, value: number, start: number): number {
  let at = start
  let rest = value
  for (; rest > 127; rest >>>= 7) {
    octets[at] = (rest & 127) | 128
    at += 1
  }
  octets[at] = rest
  return at + 1
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
