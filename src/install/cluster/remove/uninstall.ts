import { type ClusterNames, clusterNames } from '../../../config/cluster-object-names.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { readObject } from '../apply/read-object.ts'
import { formatReference, type ObjectReference } from '../object.ts'
import { isOwn } from '../ownership.ts'
import type { Patience } from '../wait/patience.ts'
import {
  countObjects,
  installations,
  listAll,
  ownRootConfigMaps,
  placeOf,
} from './listed-objects.ts'
import { namespaceContents } from './namespace-contents.ts'
import {
  removableDefinitions,
  removableRest,
  removableSettings,
  removableState,
  removableWebhooks,
  removableWorkload,
} from './removable.ts'
import { removeObjects, whatHolds } from './remove-objects.ts'

export interface Uninstallation {
  readonly namespace: string
  readonly revisions: readonly string[]
  /** What only these revisions read. */
  readonly withSettings: boolean
  /** What revisions share as well: the CA, definitions, and the namespace where nothing else is in it. */
  readonly withShared: boolean
  /** Whether a definition may go with the objects that people made of it. */
  readonly mayLose: (kind: string, objects: number) => Promise<boolean>
}

/**
 * Takes away what is ours, by label and name, and says each. Done again, it goes on.
 * @throws {NotInTimeError} when the controllers do not end.
 */
export async function uninstallFromCluster(
  client: ClusterClient,
  { namespace, revisions, withSettings, withShared, mayLose }: Uninstallation,
  patience: Patience,
): Promise<void> {
  const remove = async (references: readonly ObjectReference[]) => {
    for (const { reference, kept } of await removeObjects(client, references)) {
      const what = formatReference(reference)
      patience.say(kept === '' ? `removed ${what}` : `kept ${what}: ${kept}`)
    }
  }
  for (const revision of revisions) {
    const names = clusterNames({ namespace, revision })
    await remove(removableWebhooks(names))
    await remove(removableWorkload(names))
    await awaitEnd(client, names, patience)
    await remove(removableRest(names))
    if (withSettings) await remove(removableSettings(names))
  }
  if (!withShared) return
  const others = await installations(client)
  const neighbours = others.filter((place) => place.startsWith(`${namespace}/`))
  if (neighbours.length > 0)
    patience.say(`kept the CA and the rest: used by ${neighbours.join(', ')}`)
  else await remove(removableState(namespace))
  if (others.length > 0) {
    patience.say(`kept definitions and root certificates: used by ${others.join(', ')}`)
    return
  }
  await remove(await ownRootConfigMaps(client))
  for (const definition of removableDefinitions) {
    const reason = await whyKept(client, definition, mayLose)
    if (reason === '') await remove([definition])
    else patience.say(`kept ${formatReference(definition)}: ${reason}`)
  }
  await removeNamespace(client, namespace, patience)
}

/** The controllers would make some of it again. */
async function awaitEnd(
  client: ClusterClient,
  { controller, revision, namespace }: ClusterNames,
  patience: Patience,
): Promise<void> {
  const labelSelector = `app=meshdns-controller,istio.io/rev=${revision}`
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: controller, namespace }
  const holding = async () => [
    ...(await whatHolds(client, [deployment])),
    ...(await listAll(client, path, { labelSelector })).map(
      (pod) => `pod ${placeOf(pod).name} has not ended`,
    ),
  ]
  await patience.until(
    async () => (await holding()).length === 0,
    'for the controllers to end',
    holding,
  )
}

/** Why a definition stays; empty when it goes, or somebody else is to say so. */
async function whyKept(
  client: ClusterClient,
  definition: ObjectReference,
  mayLose: Uninstallation['mayLose'],
): Promise<string> {
  const current = await readObject(client, definition)
  if (!current || !isOwn(current)) return ''
  const plural = definition.name.replace(/\..*/, '')
  const objects = await countObjects(client, plural)
  if (objects === 0 || (await mayLose(plural, objects))) return ''
  return `${objects} ${plural} are left; delete them first`
}

async function removeNamespace(
  client: ClusterClient,
  namespace: string,
  patience: Patience,
): Promise<void> {
  const reference = { apiVersion: 'v1', kind: 'Namespace', name: namespace }
  const current = await readObject(client, reference)
  if (!current) return
  const contents = isOwn(current) ? await namespaceContents(client, namespace) : []
  if (contents.length > 0) {
    const shown = contents.slice(0, 5).join(', ')
    const more = contents.length > 5 ? ` and ${contents.length - 5} more` : ''
    patience.say(`kept ${formatReference(reference)}: it has ${shown}${more}`)
    return
  }
  const [removed] = await removeObjects(client, [reference])
  if (removed === undefined || removed.kept !== '') {
    patience.say(`kept ${formatReference(reference)}: ${removed?.kept ?? ''}`)
    return
  }
  await patience.until(
    async () => (await readObject(client, reference)) === undefined,
    `for ${formatReference(reference)} to go`,
    () => whatHolds(client, [reference]),
  )
  patience.say(`removed ${formatReference(reference)}`)
}
