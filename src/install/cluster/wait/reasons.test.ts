import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApiCall } from '../../../kubernetes/client/cluster-client.ts'
import { findReasons } from './reasons.ts'

const uid = 'deployment'
const suspects = { uid, app: 'meshdns-controller', revision: 'default', namespace: 'istio-system' }

function event(kind: string, objectUid: string, reason: string) {
  const involvedObject = { kind, name: 'meshdns-controller-1', uid: objectUid }
  return { type: 'Warning', involvedObject, reason, message: 'said so' }
}

describe('why a workload does not come up', () => {
  const lists: Readonly<Record<string, readonly object[]>> = {
    pods: [
      {
        metadata: { name: 'meshdns-controller-1', uid: 'pod' },
        status: { containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull' } } }] },
      },
    ],
    replicasets: [{ metadata: { name: 'meshdns-controller-1', uid: 'set' } }],
    events: [
      event('Pod', 'pod', 'Unhealthy'),
      event('ReplicaSet', 'set', 'FailedCreate'),
      event('Deployment', uid, 'ReplicaSetCreateError'),
      event('Pod', 'pod of a minute ago', 'BackOff'),
      event('PodDisruptionBudget', 'budget', 'CalculateExpectedPodCountFailed'),
    ],
  }
  const client = {
    call: async ({ path }: ApiCall) => ({ items: lists[path.split('/').at(-1) ?? ''] ?? [] }),
  }

  it('is what its pods and what makes them say now, and no others', async () => {
    assert.deepEqual(await findReasons(client, suspects), [
      'pod meshdns-controller-1: ErrImagePull',
      'Pod meshdns-controller-1: Unhealthy: said so',
      'ReplicaSet meshdns-controller-1: FailedCreate: said so',
      'Deployment meshdns-controller-1: ReplicaSetCreateError: said so',
    ])
  })
})
