import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import type { Random } from '../../base/random.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import type { WatchedKind } from './watched-kind.ts'

/** Which objects are followed. */
export interface WatchedObjects {
  readonly kind: WatchedKind
  /** All when not said. */
  readonly namespace?: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
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

export interface ReflectorPorts {
  readonly client: Pick<ClusterClient, 'call' | 'watch'>
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  readonly random: Random
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
