import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import { mapAt, mapsAt, type PlainMap, textAt } from '../../../documents/plain-map.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { metadataOf } from '../object.ts'

/** No more are told. */
const mostReasons = 8

/** Longer texts are cut. */
const longestText = 300

interface Suspects extends Pick<ClusterNames, 'revision' | 'namespace'> {
  /** Of the workload. Events outlive what they are about, for an hour. */
  readonly uid: string
  /** Label of its pods. */
  readonly app: string
}

/** Why a workload does not come up, as its pods, what makes them, and events say. */
export async function findReasons(
  client: Pick<ClusterClient, 'call'>,
  { uid, app, revision, namespace }: Suspects,
): Promise<readonly string[]> {
  const labelSelector = `app=${app},istio.io/rev=${revision}`
  const list = async (path: string, query: Readonly<Record<string, string>>) => {
    return mapsAt(await client.call({ path, query: { ...query, limit: 100 } }), 'items')
  }
  const [pods, sets, events] = await Promise.all([
    list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector }),
    list(`/apis/apps/v1/namespaces/${namespace}/replicasets`, { labelSelector }),
    list(`/api/v1/namespaces/${namespace}/events`, { fieldSelector: 'type=Warning' }),
  ])
  const ours = new Set([uid, ...[...pods, ...sets].map((one) => textAt(metadataOf(one), 'uid'))])
  const own = events.filter(({ involvedObject }) => ours.has(textAt(involvedObject, 'uid')))
  const all = [...pods.flatMap(podReasons), ...sets.flatMap(setReasons), ...own.map(eventReason)]
  return [...new Set(all)].slice(0, mostReasons)
}

/** What a pod says of itself. */
export function podReasons(pod: PlainMap): readonly string[] {
  const name = textAt(metadataOf(pod), 'name')
  const { status } = pod
  const conditions = mapsAt(status, 'conditions')
  const unscheduled = conditions.filter(
    (condition) => condition['type'] === 'PodScheduled' && condition['status'] === 'False',
  )
  const containers = [
    ...mapsAt(status, 'initContainerStatuses'),
    ...mapsAt(status, 'containerStatuses'),
  ]
  return [
    ...unscheduled.map((condition) => `pod ${name}: no node: ${cut(textAt(condition, 'message'))}`),
    ...containers.flatMap(containerReasons).map((reason) => `pod ${name}: ${reason}`),
  ]
}

/** Reasons of a start that goes as it should. */
const ordinary: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing', ''])

function containerReasons({ state, lastState }: PlainMap): readonly string[] {
  const waiting = mapAt(state, 'waiting')
  const reason = textAt(waiting, 'reason')
  const ended = [mapAt(lastState, 'terminated'), mapAt(state, 'terminated')]
  return [
    ...(ordinary.has(reason) ? [] : [join(reason, textAt(waiting, 'message'))]),
    ...ended.flatMap((end) => {
      const code = end['exitCode']
      if (typeof code !== 'number' || code === 0) return []
      return [join(`ended with ${code}`, textAt(end, 'message') || textAt(end, 'reason'))]
    }),
  ]
}

/** Pods that could not even be made, such as for a quota. */
function setReasons({ status }: PlainMap): readonly string[] {
  return mapsAt(status, 'conditions')
    .filter((condition) => condition['type'] === 'ReplicaFailure' && condition['status'] === 'True')
    .map((condition) => `no pod is made: ${cut(textAt(condition, 'message'))}`)
}

function eventReason(event: PlainMap): string {
  const { involvedObject } = event
  const what = `${textAt(involvedObject, 'kind')} ${textAt(involvedObject, 'name')}`
  return `${what}: ${join(textAt(event, 'reason'), textAt(event, 'message'))}`
}

function join(reason: string, message: string): string {
  return message === '' ? reason : `${reason}: ${cut(message)}`
}

/** In one line, and not too long. */
function cut(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return line.length > longestText ? `${line.slice(0, longestText)}…` : line
}
