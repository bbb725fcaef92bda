import { isDeepStrictEqual } from 'node:util'
import { CodedError } from '../../../base/coded-error.ts'
import type { PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import {
  type ClusterObject,
  formatReference,
  metadataOf,
  type ObjectReference,
  referenceOf,
} from '../object.ts'
import { isOwn, ownerOf } from '../ownership.ts'
import { allManifests, type Manifests } from '../render/manifests.ts'
import { rehearse, rehearseCreation } from './apply-object.ts'
import { DefinitionTooOldError, lackOf } from './foreign-definition.ts'
import { readObject } from './read-object.ts'

/** Objects of somebody else have names that we need. Nothing was changed. */
export class ForeignObjectsError extends CodedError {
  override readonly code = 'INSTALL_FOREIGN_OBJECTS'

  constructor(found: readonly string[]) {
    super(`these are not of meshdns, and are left alone: ${found.join('; ')}`, {
      hint: 'Install beside them: into another namespace with --namespace, or as another revision with --revision.',
    })
  }
}

/** Something that we need is on its way out. Nothing was changed. */
export class ObjectLeavingError extends CodedError {
  override readonly code = 'INSTALL_OBJECT_LEAVING'

  constructor(reference: ObjectReference, finalizers: readonly string[]) {
    const waits = finalizers.length > 0 ? `; it waits for ${finalizers.join(', ')}` : ''
    super(`${formatReference(reference)} is being deleted${waits}`, {
      hint: 'Wait until it is gone, and run the same command again; kubectl describe says what it waits for.',
    })
  }
}

/** What an installation does about one object. */
export interface ClusterStep {
  readonly change: 'create' | 'change' | 'same' | 'remove' | 'leave'
  readonly reference: ObjectReference
  /** Missing where it is removed. */
  readonly object?: ClusterObject
  /** More, for people; may be empty. */
  readonly note: string
}

/**
 * Compares an installation with a cluster, and changes nothing.
 * @throws {ForeignObjectsError} when it cannot be done beside what is there.
 * @throws {ObjectLeavingError} when it cannot be done now.
 * @throws {DefinitionTooOldError} when kinds of somebody else do not suffice.
 * @throws {ApplyRefusedError} when the API server would refuse it.
 */
export async function planCluster(
  client: ClusterClient,
  manifests: Manifests,
): Promise<readonly ClusterStep[]> {
  const steps: ClusterStep[] = []
  const foreign: string[] = []
  for (const object of allManifests(manifests)) {
    const reference = referenceOf(object)
    const current = await readObject(client, reference)
    checkStays(reference, current)
    if (current && !isOwn(current) && !sharedKinds.has(object.kind)) {
      foreign.push(`${formatReference(reference)} (of ${ownerOf(current)})`)
      continue
    }
    steps.push(await stepOf(client, object, current))
  }
  if (foreign.length > 0) throw new ForeignObjectsError(foreign)
  for (const reference of manifests.unwanted) {
    const current = await readObject(client, reference)
    if (current && isOwn(current)) steps.push({ change: 'remove', reference, note: 'not wanted' })
  }
  return steps
}

/** Whoever made them: one is enough for all. */
const sharedKinds: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition'])

async function stepOf(
  client: ClusterClient,
  object: ClusterObject,
  current: PlainMap | undefined,
): Promise<ClusterStep> {
  const step = { reference: referenceOf(object), object }
  if (!current) {
    await rehearseCreation(client, object)
    return { ...step, change: 'create', note: '' }
  }
  if (!isOwn(current)) {
    const lack = object.kind === 'Namespace' ? '' : lackOf(object, current)
    if (lack !== '') throw new DefinitionTooOldError(object.metadata.name, lack)
    return { ...step, change: 'leave', note: `of ${ownerOf(current)}` }
  }
  const { outcome, conflict } = await rehearse(client, object)
  const isSame = isDeepStrictEqual(lasting(current), lasting(outcome))
  if (isSame) return { ...step, change: 'same', note: '' }
  return { ...step, change: 'change', note: conflict === '' ? '' : `set back: ${conflict}` }
}

function checkStays(reference: ObjectReference, current: PlainMap | undefined): void {
  const { deletionTimestamp, finalizers } = current ? metadataOf(current) : {}
  if (deletionTimestamp === undefined) return
  throw new ObjectLeavingError(reference, Array.isArray(finalizers) ? finalizers.map(String) : [])
}

/** An object without what the API server writes itself. */
function lasting(object: PlainMap): PlainMap {
  const written = new Set(['managedFields', 'resourceVersion', 'generation'])
  const metadata = Object.entries(metadataOf(object)).filter(([key]) => !written.has(key))
  return { ...object, metadata: Object.fromEntries(metadata), status: undefined }
}
