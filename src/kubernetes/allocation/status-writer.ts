import { ApiFailure, isApiFailure } from '../client/api-failure.ts'
import { type ClusterClient, patchTypes } from '../client/cluster-client.ts'
import { findObject } from '../client/find-object.ts'
import { type AllocationEntry, readEntry } from './entry.ts'
import type { PatchOperation } from './status-patch.ts'

/** What came of a write. */
export type WriteOutcome =
  | { readonly kind: 'written'; readonly entry: AllocationEntry | undefined }
  /** It is not what it was when we looked; nothing was written. */
  | { readonly kind: 'changed'; readonly entry: AllocationEntry }
  | { readonly kind: 'gone' }
  /** The server will not have it, although nobody was faster; it may take others. */
  | { readonly kind: 'refused'; readonly error: unknown }

export interface StatusPorts {
  readonly client: Pick<ClusterClient, 'call'>
  /** The one in which the cluster serves ServiceEntries, such as `v1`. */
  readonly version: () => string
}

/**
 * Writes the status of one entry, on top of what was read or not at all.
 * @throws {ApiFailure} when the server serves nobody, or not us: it has nothing against this entry.
 */
export async function writeStatus(
  entry: AllocationEntry,
  patch: readonly PatchOperation[],
  { client, version }: StatusPorts,
): Promise<WriteOutcome> {
  const path = pathOf(entry, version())
  try {
    const raw = await client.call({
      method: 'PATCH',
      path: `${path}/status`,
      body: patch,
      contentType: patchTypes.json,
    })
    return { kind: 'written', entry: readEntry(raw) }
  } catch (error) {
    if (isApiFailure(error, 404)) {
      // Else it is the version, or its `status`, that is not served any more.
      const isGone = error.message.includes(`"${entry.name}" not found`)
      return isGone ? { kind: 'gone' } : { kind: 'refused', error }
    }
    if (isAboutEntry(error)) return { kind: 'refused', error }
    // A test that fails is 422 (Invalid); a race inside of the server is 409 (Conflict).
    if (!isApiFailure(error, 422) && !isApiFailure(error, 409)) throw error
    const raw = await findObject(client, path)
    const now = raw && readEntry(raw)
    if (now?.uid !== entry.uid) return { kind: 'gone' }
    if (now.resourceVersion !== entry.resourceVersion || error.status === 409) {
      return { kind: 'changed', entry: now }
    }
    return { kind: 'refused', error }
  }
}

function pathOf({ namespace, name }: AllocationEntry, version: string): string {
  const [space, object] = [namespace, name].map(encodeURIComponent)
  return `/apis/networking.istio.io/${version}/namespaces/${space}/serviceentries/${object}`
}

/**
 * Whether the server has something against this entry, and not against us: what others had it check
 * refuses the entry, or does not answer; or the entry would become too large to be kept.
 */
function isAboutEntry(error: unknown): boolean {
  if (!(error instanceof ApiFailure)) return false
  const { status, message } = error
  if (status === 403) return !message.includes(' cannot patch resource ')
  if (status === 500) return /failed calling webhook|too large|larger than max/.test(message)
  return status === 400 || status === 413
}
