import { setTimeout } from 'node:timers/promises'
import type { PlainMap } from '../../../src/documents/plain-map.ts'
import type { ClusterClient } from '../../../src/kubernetes/client/cluster-client.ts'

export interface Followed {
  readonly path: string
  readonly fieldSelector?: string
}

interface Listed {
  readonly metadata: { readonly resourceVersion: string }
  readonly items?: readonly Named[]
}

interface Named {
  readonly metadata: {
    readonly namespace?: string
    readonly name: string
    readonly resourceVersion: string
  }
}

const pauseMs = 200

/** Tells all objects of a kind, by NAMESPACE/NAME, whenever one changes, until it is told to end. */
export async function followObjects<T>(
  client: ClusterClient,
  { path, fieldSelector }: Followed,
  signal: AbortSignal,
  onChange: (objects: ReadonlyMap<string, T>) => void,
): Promise<void> {
  const query = fieldSelector === undefined ? {} : { fieldSelector }
  while (!signal.aborted) {
    try {
      const list = (await client.call({ path, query, signal })) as unknown as Listed
      const objects = new Map((list.items ?? []).map((object) => [keyOf(object), object as T]))
      onChange(objects)
      const { resourceVersion } = list.metadata
      const onEvent = (type: string, object: PlainMap) => {
        if (type === 'ERROR' || type === 'BOOKMARK') return
        const key = keyOf(object as unknown as Named)
        if (type === 'DELETED') objects.delete(key)
        else objects.set(key, object as unknown as T)
        onChange(objects)
      }
      await client.watch({ path, query: { ...query, resourceVersion }, signal, onEvent })
    } catch {
      // It may be stopped by a test; the next list tells everything.
      await setTimeout(pauseMs, undefined, { signal }).catch(() => {})
    }
  }
}

function keyOf({ metadata }: Named): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
