import type { PlainMap } from '../../../documents/plain-map.ts'
import { isApiFailure } from '../../../kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { type ObjectReference, pathOf } from '../object.ts'

/** The object as it is, or nothing where there is none, not even its kind. */
export async function readObject(
  client: ClusterClient,
  reference: ObjectReference,
): Promise<PlainMap | undefined> {
  try {
    return await client.call({ path: pathOf(reference) })
  } catch (error) {
    if (isApiFailure(error, 404)) return undefined
    throw error
  }
}
