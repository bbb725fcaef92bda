import { asMap, isPlainMap, type PlainMap } from '../../documents/plain-map.ts'
import { ApiFailure } from '../client/api-failure.ts'
import type { ClusterClient } from '../client/cluster-client.ts'

/** Which objects are wanted. */
export interface ListQuery {
  readonly path: string
  readonly selectors: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly accept: string
}

export interface PagedQuery extends ListQuery {
  /** Objects of a page; a server may give more, or fewer. */
  readonly pageSize: number
}

/**
 * Reads a list in pages and gives its resourceVersion, from which a watch misses nothing
 * (Kubernetes: API concepts, «Retrieving large results sets in chunks»).
 *
 * @throws {ApiFailure} of status 410 when the server forgot the list between two pages.
 */
export async function listObjects(
  { path, selectors, signal, accept, pageSize }: PagedQuery,
  client: Pick<ClusterClient, 'call'>,
  onObject: (raw: PlainMap) => void,
): Promise<string> {
  let next = ''
  for (;;) {
    const query = { ...selectors, limit: pageSize, ...(next === '' ? {} : { continue: next }) }
    const { metadata, ...list } = await client.call({ path, query, signal, accept })
    const { continue: more, resourceVersion } = asMap(metadata)
    // Servers write an empty list as `null`, too.
    const items = list['items'] ?? []
    if (!Array.isArray(items) || typeof resourceVersion !== 'string' || resourceVersion === '') {
      throw noList(path)
    }
    for (const item of items) if (isPlainMap(item)) onObject(item)
    if (typeof more !== 'string' || more === '') return resourceVersion
    if (more === next) throw noList(path)
    next = more
  }
}

function noList(path: string): ApiFailure {
  return new ApiFailure(`GET ${path}`, { status: 0, reason: '', message: 'this is no list' })
}
