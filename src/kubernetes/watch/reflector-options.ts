import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import type { Random } from '../../base/random.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import type { SharedWatches } from './shared-watches.ts'
import type { WatchedKind } from './watched-kind.ts'

/** Which objects are followed. */
export interface WatchedObjects {
  readonly kind: WatchedKind
  /** All when not said. */
  readonly namespace?: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
  /** Nothing but `metadata` is read. */
  readonly metadataOnly?: boolean
}

export interface ReflectorOptions<T> extends WatchedObjects {
  /**
   * What is kept of an object; `undefined` for nothing. Must not keep parts of `raw` that it does not need.
   *
   * Objects of lists have neither `kind` nor `apiVersion`. What it throws is logged, and the object
   * stays as it was.
   */
  project(raw: PlainMap): T | undefined
}

export interface WatchPorts {
  readonly client: Pick<ClusterClient, 'call' | 'watch'>
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  readonly random: Random
}

export interface ReflectorPorts extends WatchPorts {
  /** Shared with others who may follow the same; without it, each follows for themselves. */
  readonly watches?: SharedWatches
}

/**
 * `waiting` until the first list is in, `synced` from then on, even while the server is away;
 * `missing` while the cluster does not know the kind, `forbidden` while we may not read it (what was
 * read before stays).
 */
export type ReflectorState = 'waiting' | 'synced' | 'missing' | 'forbidden'

export function selectorsOf({ fieldSelector, labelSelector }: WatchedObjects) {
  return {
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  }
}

/** How a server is asked for nothing but metadata (Kubernetes: meta/v1 PartialObjectMetadata). */
const metadataForm = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const metadataListForm = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/** The form in which objects are wanted; a server that does not know it sends them whole. */
export function acceptOf({ metadataOnly = false }: WatchedObjects) {
  const json = 'application/json'
  return metadataOnly
    ? { list: `${json};${metadataListForm},${json}`, watch: `${json};${metadataForm},${json}` }
    : { list: json, watch: json }
}
