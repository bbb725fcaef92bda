import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { decodeResponse } from './decode-response.ts'
import type { SavedTableFile } from './saved-table-file.ts'
import { encodeFrame } from './table-frames.ts'

/** Copies what still counts of one table to another: of each resource what was said last. */
export async function compactTable(from: SavedTableFile, to: SavedTableFile): Promise<number> {
  const last = new Map<string, number>()
  let index = 0
  for await (const payload of from.payloads()) {
    const { resources, removedResources } = decodeResponse(payload)
    for (const name of removedResources) last.delete(name)
    for (const { name } of resources) last.set(name, index)
    index += 1
  }
  index = 0
  let kept: Uint8Array[] = []
  for await (const payload of from.payloads()) {
    for (const { name, octets } of decodeResponse(payload).resources) {
      if (last.get(name) === index) kept.push(octets)
    }
    index += 1
    if (kept.length < resourcesPerFrame) continue
    await to.append(encodeFrame(responseOf(kept)))
    kept = []
  }
  if (kept.length > 0) await to.append(encodeFrame(responseOf(kept)))
  return last.size
}

/** So that many small changes become few frames. */
const resourcesPerFrame = 2_000

/** An encoded response with these encoded resources. */
function responseOf(resources: readonly Uint8Array[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const octets of resources) writer.tag(2, WireType.LengthDelimited).bytes(octets)
  return writer.finish()
}
