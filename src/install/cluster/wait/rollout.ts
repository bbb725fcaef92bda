import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import { asMap, type PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { readObject } from '../apply/read-object.ts'
import { type ClusterObject, metadataOf, referenceOf } from '../object.ts'
import type { Patience } from './patience.ts'
import { findReasons } from './reasons.ts'

interface Workload {
  /** For people. */
  readonly who: string
  /** Label of its pods. */
  readonly app: string
  progressOf(object: PlainMap): Progress
}

/** `isSeen` when Kubernetes has looked at the object as it is now. */
interface Progress {
  readonly isSeen: boolean
  readonly isDone: boolean
  readonly available: number
  readonly wanted: number
}

/** By kind. */
const workloads: ReadonlyMap<string, Workload> = new Map([
  [
    'Deployment',
    { who: 'the controllers', app: 'meshdns-controller', progressOf: progressOfDeployment },
  ],
  ['DaemonSet', { who: 'the node agents', app: 'meshdns-node', progressOf: progressOfDaemonSet }],
])

/**
 * Waits until all pods of a Deployment or DaemonSet run as it says; does nothing for other objects.
 * @throws {NotInTimeError} with what pods, quotas and events say of the reason.
 */
export async function awaitRollout(
  client: ClusterClient,
  { object, names }: { readonly object: ClusterObject; readonly names: ClusterNames },
  patience: Patience,
): Promise<void> {
  const workload = workloads.get(object.kind)
  if (!workload) return
  const reference = referenceOf(object)
  let uid = ''
  const why = () => findReasons(client, { ...names, uid, app: workload.app })
  let said: readonly string[] = []
  await patience.until(
    async () => {
      const found = await readObject(client, reference)
      uid = String(metadataOf(found ?? {})['uid'])
      const rollout = rolloutOf({ kind: object.kind, ...found })
      if (rollout.isDone) return true
      patience.progress(rollout.text)
      const reasons = await why()
      for (const reason of reasons) if (!said.includes(reason)) patience.say(`  ${reason}`)
      said = reasons
      return false
    },
    `for ${workload.who}`,
    why,
  )
}

/** How far a Deployment or a DaemonSet is. */
export function rolloutOf(object: PlainMap): { readonly isDone: boolean; readonly text: string } {
  const workload = workloads.get(String(object['kind']))
  if (!workload) throw new TypeError(`no pods are awaited of ${String(object['kind'])}`)
  const { isSeen, isDone, available, wanted } = workload.progressOf(object)
  const count = wanted === 0 ? '' : `: ${available} of ${wanted} are available`
  return { isDone: isSeen && isDone, text: `waiting for ${workload.who}${count}` }
}

function progressOfDeployment({ metadata, spec, status }: PlainMap): Progress {
  const wanted = numberAt(spec, 'replicas', 1)
  const updated = numberAt(status, 'updatedReplicas')
  const available = Math.min(numberAt(status, 'availableReplicas'), updated)
  const isDone = updated >= wanted && available >= wanted && numberAt(status, 'replicas') <= updated
  return { isSeen: isSeen(metadata, status), isDone, available, wanted }
}

/** None are wanted where there is no node. */
function progressOfDaemonSet({ metadata, status }: PlainMap): Progress {
  const wanted = numberAt(status, 'desiredNumberScheduled')
  const updated = numberAt(status, 'updatedNumberScheduled')
  const available = Math.min(numberAt(status, 'numberReady'), updated)
  return { isSeen: isSeen(metadata, status), isDone: available >= wanted, available, wanted }
}

function isSeen(metadata: unknown, status: unknown): boolean {
  return numberAt(status, 'observedGeneration', -1) >= numberAt(metadata, 'generation')
}

function numberAt(map: unknown, key: string, fallback = 0): number {
  const value = asMap(map)[key]
  return typeof value === 'number' ? value : fallback
}
