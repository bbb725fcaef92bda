import type { PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { findObject } from '../../../kubernetes/client/find-object.ts'
import { type ObjectReference, pathOf } from '../object.ts'

/** The object as it is, or nothing where there is none, not even its kind. */
export async function readObject(
  client: ClusterClient,
  reference: ObjectReference,
): Promise<PlainMap | undefined> {
  return await findObject(client, pathOf(reference))
}
