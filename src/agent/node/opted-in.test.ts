import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import { readNodePod } from './node-pod.ts'
import { reasonToLeave } from './opted-in.ts'

interface Case {
  readonly name: string
  readonly namespaceMode?: string
  readonly labels?: PlainMap
  readonly annotations?: PlainMap
  readonly spec?: PlainMap
  readonly status?: PlainMap
  readonly want: string | undefined
}

const mode = (value: string) => ({ 'istio.io/dataplane-mode': value })

const cases: readonly Case[] = [
  { name: 'nobody said anything', want: 'not opted in' },
  { name: 'the namespace takes part', namespaceMode: 'ambient', want: undefined },
  { name: 'the pod takes part', labels: mode('ambient'), want: undefined },
  {
    name: 'the pod does not, though its namespace does',
    namespaceMode: 'ambient',
    labels: mode('none'),
    want: 'opted out',
  },
  {
    name: 'the pod does, though its namespace does not',
    namespaceMode: 'none',
    labels: mode('ambient'),
    want: undefined,
  },
  {
    name: 'the pod wants no DNS capture',
    namespaceMode: 'ambient',
    annotations: { 'ambient.istio.io/dns-capture': 'false' },
    want: 'DNS capture off',
  },
  {
    name: 'the pod has a sidecar',
    namespaceMode: 'ambient',
    annotations: { 'sidecar.istio.io/status': '{}' },
    want: 'has a sidecar',
  },
  {
    name: 'the pod has the network of the node',
    namespaceMode: 'ambient',
    spec: { hostNetwork: true },
    want: 'network of the node',
  },
  {
    name: 'the pod has ended',
    namespaceMode: 'ambient',
    status: { phase: 'Failed' },
    want: 'ended',
  },
  {
    name: 'the pod is one of ours',
    namespaceMode: 'ambient',
    labels: { 'app.kubernetes.io/part-of': 'meshdns' },
    want: 'part of meshdns',
  },
]

describe('reasonToLeave', () => {
  for (const { name, namespaceMode, labels, annotations, spec, status, want } of cases) {
    it(`is «${want}» when ${name}`, () => {
      const metadata = { uid: 'u', namespace: 'ns', name: 'pod', labels, annotations }
      const pod = readNodePod({ metadata, spec, status })
      assert.ok(pod)
      assert.equal(reasonToLeave(pod, namespaceMode), want)
    })
  }
})
