import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { V1Container, V1Pod } from '@kubernetes/client-node'
import { environmentOf, expand } from './environment.ts'

const pod: V1Pod = {
  metadata: {
    name: 'web-1',
    namespace: 'ns1',
    labels: { app: 'web', tier: 'a"b' },
    annotations: { 'a.b/c': 'said' },
  },
  spec: { containers: [], serviceAccountName: 'robot', nodeName: 'node' },
  status: { podIP: '10.244.0.9', podIPs: [{ ip: '10.244.0.9' }, { ip: 'fd00::9' }] },
}

const resources = { limits: { cpu: '1500m', memory: '64Mi' } }

const data = async (_: string, name: string) => (name === 'known' ? { key: 'value' } : undefined)

const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } })

const cases: readonly {
  readonly name: string
  readonly env: NonNullable<V1Container['env']>[number] | { readonly valueFrom: object }
  readonly want: string | RegExp | undefined
}[] = [
  { name: 'a value', env: { name: 'X', value: 'as $(HOSTNAME)' }, want: 'as web-1' },
  { name: 'nothing', env: { name: 'X' }, want: '' },
  { name: 'its name', env: field('metadata.name'), want: 'web-1' },
  { name: 'a label', env: field("metadata.labels['app']"), want: 'web' },
  { name: 'a label that it lacks', env: field("metadata.labels['other']"), want: '' },
  { name: 'an annotation', env: field("metadata.annotations['a.b/c']"), want: 'said' },
  { name: 'its account', env: field('spec.serviceAccountName'), want: 'robot' },
  { name: 'its addresses', env: field('status.podIPs'), want: '10.244.0.9,fd00::9' },
  { name: 'a field of none', env: field('spec.containers'), want: /not supported/ },
  {
    name: 'a limit, rounded up',
    env: { valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1' } } },
    want: '2',
  },
  {
    name: 'a limit in its unit',
    env: { valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
    want: '64',
  },
  {
    name: 'a key of a ConfigMap',
    env: { valueFrom: { configMapKeyRef: { name: 'known', key: 'key' } } },
    want: 'value',
  },
  {
    name: 'a ConfigMap that is missing',
    env: { valueFrom: { configMapKeyRef: { name: 'none', key: 'key' } } },
    want: /no configmaps none/,
  },
  {
    name: 'one that may be missing',
    env: { valueFrom: { configMapKeyRef: { name: 'none', key: 'key', optional: true } } },
    want: undefined,
  },
]

describe('the environment of a container', () => {
  for (const { name, env, want } of cases) {
    it(name, async () => {
      const asked: V1Container = {
        name: 'app',
        resources,
        env: [Object.assign({ name: 'X' }, env)],
      }
      const made = environmentOf(pod, asked, { data })
      if (want instanceof RegExp) await assert.rejects(made, want)
      else assert.equal((await made)['X'], want)
    })
  }

  it('expands what it knows, and leaves the rest', () => {
    assert.equal(expand('$(A) $$(A) $(B) $A', { A: 'one' }), 'one $(A) $(B) $A')
  })
})
