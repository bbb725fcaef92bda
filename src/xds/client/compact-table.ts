import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
  type Resource,
} from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import type { SavedTableFile } from './saved-table-file.ts'
import { encodeFrame } from './table-frames.ts'

/** Copies what still counts of one table to another: of each resource what was said last. */
export async function compactTable(from: SavedTableFile, to: SavedTableFile): Promise<number> {
  const last = new Map<string, number>()
  let index = 0
  for await (const payload of from.payloads()) {
    const { resources, removedResources } = fromBinary(DeltaDiscoveryResponseSchema, payload)
    for (const name of removedResources) last.delete(name)
    for (const { name } of resources) last.set(name, index)
    index += 1
  }
  index = 0
  let kept: Resource[] = []
  for await (const payload of from.payloads()) {
    const { resources } = fromBinary(DeltaDiscoveryResponseSchema, payload)
    kept.push(...resources.filter(({ name }) => last.get(name) === index))
    index += 1
    if (kept.length < resourcesPerFrame) continue
    await to.append(encodeChange({ resources: kept, removedResources: [] }))
    kept = []
  }
  if (kept.length > 0) await to.append(encodeChange({ resources: kept, removedResources: [] }))
  return last.size
}

/** So that many small changes become few frames. */
const resourcesPerFrame = 2_000

/** A change as a frame of a saved table: the response without what only mattered on its stream. */
export function encodeChange({
  resources,
  removedResources,
}: Pick<DeltaDiscoveryResponse, 'resources' | 'removedResources'>): Buffer {
  const change = create(DeltaDiscoveryResponseSchema, { resources, removedResources })
  return encodeFrame(toBinary(DeltaDiscoveryResponseSchema, change))
}
