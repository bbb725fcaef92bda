import { ObjectWatch } from './object-watch.ts'
import type { WatchedObjects, WatchPorts } from './reflector-options.ts'

/**
 * Has those who follow the same objects share a list and a watch, whatever each of them keeps.
 *
 * Who asks after a watch began gets one of their own: they would miss what was there before.
 */
export class SharedWatches {
  /** Those that did not begin. */
  readonly #waiting = new Map<string, ObjectWatch>()

  of(watched: WatchedObjects, ports: WatchPorts): ObjectWatch {
    for (const [key, watch] of this.#waiting) if (watch.hasBegun) this.#waiting.delete(key)
    const { kind, namespace, fieldSelector, labelSelector, metadataOnly = false } = watched
    const selection = [kind, namespace, fieldSelector, labelSelector, metadataOnly]
    const key = JSON.stringify(selection.map((one) => one ?? null))
    const watch = this.#waiting.get(key) ?? new ObjectWatch(watched, ports)
    this.#waiting.set(key, watch)
    return watch
  }
}
