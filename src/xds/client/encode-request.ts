import { toBinary } from '@bufbuild/protobuf'
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
} from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'

/** Names with their versions, as a server is told of them. */
export type Versions = ReadonlyMap<string, string>

/**
 * An encoded request, with the versions of what is held from before.
 *
 * They may be hundreds of thousands, so they are written without a message in between: parts of one may
 * stand behind each other (Protocol Buffers, encoding).
 */
export function encodeRequest(request: DeltaDiscoveryRequest, versions?: Versions): Buffer {
  const octets = toBinary(DeltaDiscoveryRequestSchema, request)
  return Buffer.concat([octets, encodeVersions(versions ?? new Map())])
}

// `map<string, string> initial_resource_versions = 5`, whose entries have key 1 and value 2.
const [entryTag, keyTag, valueTag] = [0x2a, 0x0a, 0x12]

function encodeVersions(versions: Versions): Buffer {
  let size = 0
  for (const [name, version] of versions) size += fieldSize(entrySize(name, version))
  const writer = new FieldWriter(size)
  for (const [name, version] of versions) {
    writer.head(entryTag, entrySize(name, version))
    writer.text(keyTag, name)
    writer.text(valueTag, version)
  }
  return writer.buffer
}

function entrySize(name: string, version: string): number {
  return fieldSize(Buffer.byteLength(name)) + fieldSize(Buffer.byteLength(version))
}

/** Tag, length, and content. */
function fieldSize(contentOctets: number): number {
  let octets = 2 + contentOctets
  for (let rest = contentOctets >>> 7; rest > 0; rest >>>= 7) octets += 1
  return octets
}

class FieldWriter {
  readonly buffer: Buffer
  #at = 0

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size)
  }

  head(tag: number, contentOctets: number): void {
    this.buffer[this.#at++] = tag
    let rest = contentOctets
    for (; rest > 0x7f; rest >>>= 7) this.buffer[this.#at++] = (rest & 0x7f) | 0x80
    this.buffer[this.#at++] = rest
  }

  text(tag: number, content: string): void {
    this.head(tag, Buffer.byteLength(content))
    this.#at += this.buffer.write(content, this.#at)
  }
}
