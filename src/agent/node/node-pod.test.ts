import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import { readNodePod } from './node-pod.ts'

const uid = '0f5c2a3e-1111-4222-8333-944444444444'
const digest = '0f5c2a3e111142228333944444444444'

interface Case {
  readonly name: string
  readonly annotations?: PlainMap
  readonly want: string
}

const cases: readonly Case[] = [
  { name: 'its own', want: uid },
  {
    name: 'that of the file, for the mirror of a static pod',
    annotations: { 'kubernetes.io/config.mirror': digest, 'kubernetes.io/config.hash': digest },
    want: digest,
  },
  {
    name: 'its own, when it only says what a static pod says',
    annotations: { 'kubernetes.io/config.hash': digest },
    want: uid,
  },
  {
    name: 'its own, when it says that it mirrors an ordinary pod',
    annotations: { 'kubernetes.io/config.mirror': '0f5c2a3e-5555-4222-8333-944444444444' },
    want: uid,
  },
]

describe('the uid of a pod', () => {
  for (const { name, annotations, want } of cases) {
    it(`is ${name}`, () => {
      const pod = readNodePod({ metadata: { uid, namespace: 'ns', name: 'pod', annotations } })
      assert.equal(pod?.uid, want)
    })
  }
})
