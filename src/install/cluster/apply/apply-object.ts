import { CodedError } from '../../../base/coded-error.ts'
import { reasonOf } from '../../../base/reason-of.ts'
import type { PlainMap } from '../../../documents/plain-map.ts'
import { isApiFailure } from '../../../kubernetes/client/api-failure.ts'
import { type ClusterClient, patchTypes } from '../../../kubernetes/client/cluster-client.ts'
import { type ClusterObject, formatReference, pathOf, referenceOf } from '../object.ts'

/** The API server did not take an object of the installation. What was applied before it stays. */
export class ApplyRefusedError extends CodedError {
  override readonly code = 'INSTALL_APPLY_REFUSED'

  constructor(object: ClusterObject, cause: unknown) {
    super(`${formatReference(referenceOf(object))} was not taken`, {
      cause,
      hint: 'Mend what the API server says, and run the same command again: it goes on from there.',
    })
  }
}

/** What the API server would make of an object. */
export interface Rehearsal {
  readonly outcome: PlainMap
  /** Fields that somebody else changed, and that would be set back; empty when there are none. */
  readonly conflict: string
}

/** @throws {ApplyRefusedError} when it would not be taken. */
export async function rehearse(client: ClusterClient, object: ClusterObject): Promise<Rehearsal> {
  try {
    return { outcome: await send(client, object, { dryRun: 'All' }), conflict: '' }
  } catch (error) {
    if (!isApiFailure(error, 409)) throw new ApplyRefusedError(object, error)
    const conflict = fieldsOf(reasonOf(error))
    try {
      return { outcome: await send(client, object, { dryRun: 'All', force: true }), conflict }
    } catch (cause) {
      throw new ApplyRefusedError(object, cause)
    }
  }
}

/**
 * Only whether the account may make it: what it needs may not be there yet.
 * @throws {ApplyRefusedError} when it may not.
 */
export async function rehearseCreation(
  client: ClusterClient,
  object: ClusterObject,
): Promise<void> {
  try {
    await send(client, object, { dryRun: 'All', force: true })
  } catch (error) {
    if (isApiFailure(error, 403)) throw new ApplyRefusedError(object, error)
  }
}

/**
 * Writes an object that is ours, whoever changed it since.
 * @throws {ApplyRefusedError} when it is not taken.
 */
export async function applyObject(client: ClusterClient, object: ClusterObject): Promise<void> {
  try {
    await send(client, object, { force: true })
  } catch (cause) {
    throw new ApplyRefusedError(object, cause)
  }
}

function send(
  client: ClusterClient,
  object: ClusterObject,
  query: Readonly<Record<string, string | boolean>>,
): Promise<PlainMap> {
  return client.call({
    method: 'PATCH',
    path: pathOf(referenceOf(object)),
    query: { fieldValidation: 'Strict', ...query },
    body: object,
    contentType: patchTypes.apply,
  })
}

/** Of `…conflict with "kubectl-edit" using apps/v1: .spec.replicas`, or a list with dashes. */
function fieldsOf(message: string): string {
  const by = /conflicts? with "([^"]+)"/.exec(message)?.[1] ?? 'somebody else'
  const fields = [...message.matchAll(/(?:: |- )(\.\S+)/g)].map(([, field]) => field)
  return `${by} changed ${fields.length > 0 ? fields.join(', ') : 'it'}`
}
