import { isPlainMap } from '../../documents/plain-map.ts'
import { isApiFailure } from '../client/api-failure.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import { groupPath, type WatchedKind } from './watched-kind.ts'

/**
 * The first version of our preference in which the cluster serves the kind; `undefined` when in none.
 *
 * Where looking is forbidden, the version that we prefer is as good as any.
 * @throws {ApiFailure} when the server does not say.
 */
export async function findVersion(
  kind: WatchedKind,
  client: Pick<ClusterClient, 'call'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const version of kind.versions) {
    try {
      const list = await client.call({ path: groupPath(kind.group, version), signal })
      if (hasKind(list['resources'], kind.plural)) return version
    } catch (error) {
      if (isApiFailure(error, 403)) return kind.versions[0]
      if (!isApiFailure(error, 404)) throw error
    }
  }
  return undefined
}

function hasKind(resources: unknown, plural: string): boolean {
  if (!Array.isArray(resources)) return false
  return resources.some((one: unknown) => isPlainMap(one) && one['name'] === plural)
}
