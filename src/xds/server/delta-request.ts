import { fromBinary } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
} from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import type { Claims } from './everything-walk.ts'
import { RequestUnreadableError } from './request-unreadable.ts'

/** A request of the delta variant. */
export interface DeltaRequest extends Omit<DeltaDiscoveryRequest, 'initialResourceVersions'> {
  /** What the client holds. Read each time, and for the first time, when somebody looks at it. */
  readonly claims: Claims
}

/** `map<string, string> initial_resource_versions`, and the fields of its entries. */
const versionsField = 5
const entryFields = { name: 1, version: 2 }

/**
 * Reads a request, but what the client holds only where it begins and ends: that may be hundreds of
 * thousands of entries, of which a message would make as many properties of one object.
 * @throws {RequestUnreadableError} when it is none.
 */
export function readDeltaRequest(octets: Buffer): DeltaRequest {
  const [claimed, rest]: Buffer[][] = [[], []]
  try {
    for (const [start, end, isClaim] of stretchesOf(octets)) {
      const stretches = isClaim ? claimed : rest
      stretches?.push(octets.subarray(start, end))
    }
    const request = fromBinary(DeltaDiscoveryRequestSchema, Buffer.concat(rest ?? []))
    const claims = { [Symbol.iterator]: () => readClaims(Buffer.concat(claimed ?? [])) }
    return Object.assign(request, { claims })
  } catch (cause) {
    throw new RequestUnreadableError(cause)
  }
}

/** Fields that are alike stand together, so these are few. */
function* stretchesOf(octets: Buffer): Generator<[start: number, end: number, isClaim: boolean]> {
  const reader = new BinaryReader(octets)
  let [start, wasClaim] = [0, false]
  while (reader.pos < reader.len) {
    const at = reader.pos
    const [field, wireType] = reader.tag()
    const isClaim = field === versionsField && wireType === WireType.LengthDelimited
    if (isClaim !== wasClaim) {
      yield [start, at, wasClaim]
      start = at
    }
    wasClaim = isClaim
    reader.skip(wireType, field)
    if (reader.pos > reader.len) throw new RangeError('premature EOF')
  }
  yield [start, reader.pos, wasClaim]
}

/** @throws {RequestUnreadableError} when an entry is none. */
function* readClaims(octets: Buffer): Generator<readonly [name: string, version: string]> {
  const reader = new BinaryReader(octets)
  while (reader.pos < reader.len) {
    reader.tag()
    const length = reader.uint32()
    yield readEntry(reader, octets, reader.pos + length)
  }
}

function readEntry(
  reader: BinaryReader,
  octets: Buffer,
  end: number,
): readonly [name: string, version: string] {
  let [name, version] = ['', '']
  try {
    while (reader.pos < end) {
      const [field, wireType] = reader.tag()
      const isText = wireType === WireType.LengthDelimited
      const length = isText ? reader.uint32() : 0
      const start = reader.pos
      if (!isText) reader.skip(wireType, field)
      else reader.pos += length
      if (reader.pos > end) throw new RangeError('premature EOF')
      if (!isText) continue
      if (field === entryFields.name) name = octets.toString('utf8', start, reader.pos)
      if (field === entryFields.version) version = octets.toString('utf8', start, reader.pos)
    }
  } catch (cause) {
    throw new RequestUnreadableError(cause)
  }
  return [name, version]
}
