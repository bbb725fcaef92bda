import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import { isPlainMap, type PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { readObject } from '../apply/read-object.ts'
import type { Patience } from './patience.ts'
import { findReasons } from './reasons.ts'

/**
 * Waits until the controllers run as the Deployment says.
 * @throws {NotInTimeError} with what pods, quotas and events say of the reason.
 */
export async function awaitRollout(
  client: ClusterClient,
  names: ClusterNames,
  patience: Patience,
): Promise<void> {
  const { controller: name, namespace } = names
  const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name, namespace }
  let said: readonly string[] = []
  await patience.until(
    async () => {
      const rollout = rolloutOf((await readObject(client, reference)) ?? {})
      if (rollout.isDone) return true
      patience.progress(rollout.text)
      const reasons = await findReasons(client, names)
      for (const reason of reasons) if (!said.includes(reason)) patience.say(`  ${reason}`)
      said = reasons
      return false
    },
    'for the controllers',
    () => findReasons(client, names),
  )
}

/** How far a Deployment is. */
export function rolloutOf(deployment: PlainMap): {
  readonly isDone: boolean
  readonly text: string
} {
  const { metadata, spec, status } = deployment
  const number = (map: unknown, key: string, fallback = 0) => {
    const value = isPlainMap(map) ? map[key] : undefined
    return typeof value === 'number' ? value : fallback
  }
  const wanted = number(spec, 'replicas', 1)
  const updated = number(status, 'updatedReplicas')
  const available = Math.min(number(status, 'availableReplicas'), updated)
  const isSeen = number(status, 'observedGeneration', -1) >= number(metadata, 'generation')
  const isDone =
    isSeen && updated >= wanted && available >= wanted && number(status, 'replicas') <= updated
  return { isDone, text: `waiting for the controllers: ${available} of ${wanted} are available` }
}
