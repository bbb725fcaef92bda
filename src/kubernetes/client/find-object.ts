import type { PlainMap } from '../../documents/plain-map.ts'
import { isApiFailure } from './api-failure.ts'
import type { ClusterClient } from './cluster-client.ts'

/**
 * What is at a path; `undefined` where there is nothing, not even its kind.
 * @throws {ApiFailure} when the server does not say.
 */
export async function findObject(
  client: Pick<ClusterClient, 'call'>,
  path: string,
): Promise<PlainMap | undefined> {
  try {
    return await client.call({ path })
  } catch (error) {
    if (isApiFailure(error, 404)) return undefined
    throw error
  }
}
