import type { PlainMap } from '../documents/plain-map.ts'

/** A kind that a fake cluster serves. */
export interface ServedKind {
  readonly group: string
  readonly version: string
  readonly plural: string
}

/** An object as tests write it; the store adds what a server adds. */
export interface StoredObject {
  readonly metadata: PlainMap & { readonly name: string; readonly namespace?: string }
  readonly [field: string]: unknown
}

export interface StoredEvent {
  readonly version: number
  readonly plural: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: StoredObject
}

/** Objects by kind and name, and what happened to them, as etcd has it. */
export class ClusterStore {
  readonly events: StoredEvent[] = []
  /** What happened up to here is forgotten. */
  compacted = 0
  version = 1
  readonly #objects = new Map<string, Map<string, StoredObject>>()

  list(plural: string): readonly StoredObject[] {
    return [...(this.#objects.get(plural)?.values() ?? [])]
  }

  get(plural: string, key: string): StoredObject | undefined {
    return this.#objects.get(plural)?.get(key)
  }

  put(plural: string, object: StoredObject): StoredEvent {
    const objects = this.#objects.get(plural) ?? new Map<string, StoredObject>()
    this.#objects.set(plural, objects)
    const key = keyOf(object)
    const before = objects.get(key)
    const uid = before?.metadata['uid'] ?? object.metadata['uid'] ?? `uid-${this.version}`
    return this.#happen(plural, before ? 'MODIFIED' : 'ADDED', {
      ...object,
      metadata: { ...object.metadata, uid },
    })
  }

  remove(plural: string, key: string): StoredEvent {
    const object = this.get(plural, key)
    if (!object) throw new Error(`${plural} ${key} is not there`)
    return this.#happen(plural, 'DELETED', object)
  }

  /** Forgets what happened, as etcd does every few minutes. */
  compact(): void {
    this.compacted = this.version
    this.events.length = 0
  }

  #happen(plural: string, type: StoredEvent['type'], given: StoredObject): StoredEvent {
    this.version += 1
    const metadata = { ...given.metadata, resourceVersion: String(this.version) }
    const object = { ...given, metadata }
    if (type === 'DELETED') this.#objects.get(plural)?.delete(keyOf(object))
    else this.#objects.get(plural)?.set(keyOf(object), object)
    const event = { version: this.version, plural, type, object }
    this.events.push(event)
    return event
  }
}

function keyOf({ metadata }: StoredObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
