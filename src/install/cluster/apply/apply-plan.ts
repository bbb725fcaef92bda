import { mapsAt, type PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { formatReference } from '../object.ts'
import { removeObjects } from '../remove/remove-objects.ts'
import type { Patience } from '../wait/patience.ts'
import { applyObject } from './apply-object.ts'
import type { ClusterStep } from './plan.ts'
import { readObject } from './read-object.ts'

const done = { create: 'created', change: 'changed', remove: 'removed' } as const

/** Does these steps in their order, and says each. Stopped halfway, a later plan has what is missing. */
export async function applySteps(
  client: ClusterClient,
  steps: readonly ClusterStep[],
  patience: Patience,
): Promise<void> {
  for (const { change, reference, object, note } of steps) {
    if (change === 'same' || change === 'leave') continue
    if (change === 'remove') await removeObjects(client, [reference])
    else if (object) await applyObject(client, object)
    const more = note === '' ? '' : ` (${note})`
    patience.say(`${done[change]} ${formatReference(reference)}${more}`)
  }
  for (const { reference } of steps) {
    if (reference.kind !== 'CustomResourceDefinition') continue
    await patience.until(
      async () => isEstablished(await readObject(client, reference)),
      `for the kind ${reference.name}`,
    )
  }
}

function isEstablished(definition: PlainMap | undefined): boolean {
  return mapsAt(definition?.['status'], 'conditions').some(
    ({ type, status }) => type === 'Established' && status === 'True',
  )
}
