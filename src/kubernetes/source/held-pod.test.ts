import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import { holdPod, readHeldPod } from './held-pod.ts'
import { projectObject } from './project-object.ts'
import { podKind } from './source-kinds.ts'

interface Case {
  readonly name: string
  readonly pod: PlainMap
}

const metadata = { namespace: 'ns1', name: 'a', uid: 'u', managedFields: [{}] }
const podIPs = [{ ip: '10.1.0.1' }, { ip: '2001:db8::1' }]

const cases: readonly Case[] = [
  {
    name: 'everything that counts',
    pod: {
      metadata: {
        ...metadata,
        labels: { app: 'web' },
        creationTimestamp: '2026-01-01T00:00:00Z',
        deletionTimestamp: '2026-01-02T00:00:00Z',
      },
      spec: {
        hostname: 'web-0',
        subdomain: 'web',
        serviceAccountName: 'shop',
        nodeName: 'n1',
        volumes: [{}],
        containers: [
          { name: 'x', image: 'y' },
          { ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] },
        ],
      },
      status: { phase: 'Running', podIP: '10.1.0.1', podIPs },
    },
  },
  ...['True', 'False'].map((status) => ({
    name: `one whose readiness is ${status}`,
    pod: {
      metadata,
      status: {
        podIPs,
        conditions: [
          { type: 'Initialized', status: 'True' },
          { type: 'Ready', status, reason: 'x' },
        ],
      },
    },
  })),
  { name: 'nothing', pod: {} },
  { name: 'no maps', pod: { metadata, spec: 1, status: 'x' } },
  { name: 'no lists', pod: { metadata, spec: { containers: {} }, status: { conditions: 7 } } },
  {
    name: 'lists of no maps',
    pod: { metadata, spec: { containers: [1] }, status: { conditions: [null], podIPs: [[]] } },
  },
  { name: 'ports that are none', pod: { metadata, spec: { containers: [{ ports: [{}] }] } } },
  { name: 'a condition without words', pod: { metadata, status: { conditions: [{ type: 1 }] } } },
  { name: 'a deletion at no time', pod: { metadata: { ...metadata, deletionTimestamp: 4 } } },
]

describe('holdPod keeps what there is to say of', () => {
  for (const { name, pod } of cases) {
    it(name, () => {
      const held = readHeldPod(holdPod(pod))
      assert.deepEqual(projectObject(held, podKind, true), projectObject(pod, podKind, true))
    })
  }
})
