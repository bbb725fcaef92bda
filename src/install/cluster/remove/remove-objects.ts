import { mapsAt, type PlainMap } from '../../../documents/plain-map.ts'
import { isApiFailure } from '../../../kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { readObject } from '../apply/read-object.ts'
import { formatReference, metadataOf, type ObjectReference, pathOf } from '../object.ts'
import { isOwn, ownerOf } from '../ownership.ts'

/** What became of an object that might have been ours. */
export interface Removed {
  readonly reference: ObjectReference
  /** Why it is still there; empty when it goes. */
  readonly kept: string
}

/** Deletes those that are there and ours; each by what it is now, so that a new one of the name is spared. */
export async function removeObjects(
  client: ClusterClient,
  references: readonly ObjectReference[],
): Promise<readonly Removed[]> {
  const removed: Removed[] = []
  for (const reference of references) {
    const current = await readObject(client, reference)
    if (!current) continue
    const kept = isOwn(current) ? '' : `of ${ownerOf(current)}`
    if (kept === '') await deleteObject(client, reference, current)
    removed.push({ reference, kept })
  }
  return removed
}

async function deleteObject(
  client: ClusterClient,
  reference: ObjectReference,
  current: PlainMap,
): Promise<void> {
  const { uid } = metadataOf(current)
  const body = { propagationPolicy: 'Background', preconditions: { uid } }
  try {
    await client.call({ method: 'DELETE', path: pathOf(reference), body })
  } catch (error) {
    // Somebody else was faster, or it was another one.
    if (!isApiFailure(error, 404) && !isApiFailure(error, 409)) throw error
  }
}

/** What a thing that stays waits for; empty when it is gone. */
export async function whatHolds(
  client: ClusterClient,
  references: readonly ObjectReference[],
): Promise<readonly string[]> {
  const all = await Promise.all(
    references.map(async (reference) => ({
      reference,
      current: await readObject(client, reference),
    })),
  )
  return all.flatMap(({ reference, current }) => {
    if (!current) return []
    const { finalizers } = metadataOf(current)
    const waits = Array.isArray(finalizers) ? finalizers.map(String) : []
    const conditions = mapsAt(current['status'], 'conditions')
    const said = conditions.flatMap(({ status, message, type }) => {
      const isTelling = status === 'True' && /Remaining|Failure|Terminating/.test(String(type))
      return isTelling && typeof message === 'string' ? [message] : []
    })
    const reasons = [...waits.map((name) => `waits for ${name}`), ...said]
    return [`${formatReference(reference)}: ${reasons.join('; ') || 'is not gone yet'}`]
  })
}
