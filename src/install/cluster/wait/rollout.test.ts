import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rolloutOf } from './rollout.ts'

const controllers = (status: object) => ({
  kind: 'Deployment',
  metadata: { generation: 2 },
  spec: { replicas: 2 },
  status,
})
const agents = (status: object) => ({ kind: 'DaemonSet', metadata: { generation: 2 }, status })
const all = { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 3 }

/** An empty text is told of what is done. */
const cases = [
  { name: 'nothing yet', object: { kind: 'DaemonSet' }, text: 'the node agents' },
  {
    name: 'agents as they were told before',
    object: agents({ ...all, observedGeneration: 1 }),
    text: 'the node agents: 3 of 3 are available',
  },
  {
    name: 'agents of which one is not ready',
    object: agents({ ...all, observedGeneration: 2, numberReady: 2 }),
    text: 'the node agents: 2 of 3 are available',
  },
  {
    name: 'agents of which one is of before',
    object: agents({ ...all, observedGeneration: 2, updatedNumberScheduled: 2 }),
    text: 'the node agents: 2 of 3 are available',
  },
  { name: 'all agents', object: agents({ ...all, observedGeneration: 2 }), text: '' },
  { name: 'no nodes', object: agents({ observedGeneration: 2 }), text: '' },
  {
    name: 'controllers of which one is of before',
    object: controllers({
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 2,
      availableReplicas: 2,
    }),
    text: 'the controllers: 2 of 2 are available',
  },
  {
    name: 'all controllers',
    object: controllers({
      observedGeneration: 2,
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
    }),
    text: '',
  },
]

describe('rolloutOf', () => {
  for (const { name, object, text } of cases) {
    it(`knows ${name}`, () => {
      const rollout = rolloutOf(object)
      assert.equal(rollout.isDone, text === '')
      if (text !== '') assert.equal(rollout.text, `waiting for ${text}`)
    })
  }
})
