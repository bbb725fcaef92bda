import { isPlainMap } from '../../documents/plain-map.ts'
import { isApiFailure } from '../client/api-failure.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import { groupPath, type WatchedKind } from './watched-kind.ts'

interface Asking {
  readonly client: Pick<ClusterClient, 'call'>
  readonly signal: AbortSignal
}

/**
 * The first version of our preference in which the cluster serves the kind; `undefined` when in none.
 *
 * Where looking is forbidden, the version that we prefer is as good as any. A server that starts serves kinds a moment
 * before it names them: one that is not named is asked for.
 * @throws {ApiFailure} when the server does not say.
 */
export async function findVersion(
  kind: WatchedKind,
  { client, signal }: Asking,
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
  for (const version of kind.versions) {
    if (await isServed(`${groupPath(kind.group, version)}/${kind.plural}`, { client, signal }))
      return version
  }
  return undefined
}

async function isServed(path: string, { client, signal }: Asking): Promise<boolean> {
  try {
    await client.call({ path, query: { limit: 1 }, signal })
    return true
  } catch (error) {
    // What we may not see is not looked for among what is not there.
    if (isApiFailure(error, 404) || isApiFailure(error, 403)) return false
    throw error
  }
}

function hasKind(resources: unknown, plural: string): boolean {
  if (!Array.isArray(resources)) return false
  return resources.some((one: unknown) => isPlainMap(one) && one['name'] === plural)
}
