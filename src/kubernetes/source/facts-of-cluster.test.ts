import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ReflectorState } from '../watch/reflector-options.ts'
import { FactsOfCluster } from './facts-of-cluster.ts'
import { projectObject } from './project-object.ts'
import { sourceKinds } from './source-kinds.ts'

const kinds = ['services', 'endpointslices.discovery.k8s.io', 'namespaces', 'nodes']

function object(kind: string, name: string, fields: Record<string, unknown> = {}) {
  const found = sourceKinds.find((one) => one.kind === kind)
  assert.ok(found)
  const namespace = kind === 'Namespace' ? {} : { namespace: 'ns1' }
  return projectObject({ metadata: { name, ...namespace }, ...fields }, found, true)
}

function createRig() {
  const states = new Map<string, ReflectorState>(kinds.map((kind) => [kind, 'synced']))
  const facts = new FactsOfCluster('cluster.local', () => states)
  let told = 0
  facts.follow(() => {
    told += 1
  })
  facts.settle()
  return { states, facts, told: () => told }
}

describe('FactsOfCluster', () => {
  it('knows the namespaces that there are', () => {
    const { facts, told } = createRig()
    facts.take([object('Namespace', 'ns1'), object('Namespace', 'ns2')], [])
    facts.settle()
    facts.take([], [object('Namespace', 'ns1')])
    assert.deepEqual([...facts.current().namespaces], ['ns1', 'ns2'])
    facts.settle()
    facts.settle()
    assert.deepEqual(facts.current(), {
      domain: 'cluster.local',
      namespaces: new Set(['ns2']),
      complete: true,
      unknownServices: new Set(),
    })
    assert.equal(told(), 3)
  })

  for (const kind of kinds) {
    it(`is complete with ${kind} ${kind === 'nodes' ? 'or without' : 'only'}`, () => {
      const { facts, states } = createRig()
      states.set(kind, 'forbidden')
      facts.settle()
      assert.equal(facts.current().complete, kind === 'nodes')
    })
  }

  it('knows the Services that are not understood, while they are not', () => {
    const { facts } = createRig()
    const unknown = () => {
      facts.settle()
      assert.equal(facts.current().complete, true)
      return [...facts.current().unknownServices]
    }
    const slice = object('EndpointSlice', 'hl-1', {
      metadata: {
        name: 'hl-1',
        namespace: 'ns1',
        labels: { 'kubernetes.io/service-name': 'hl' },
      },
      addressType: 'FQDN',
    })
    facts.take([object('Service', 'web', { spec: { ports: 'many' } }), slice], [])
    assert.deepEqual(unknown(), ['web.ns1', 'hl.ns1'])
    facts.take([object('Service', 'web', { spec: { ports: [] } })], [slice])
    assert.deepEqual(unknown(), [])
  })

  it('takes no notice of slices that belong to no Service', () => {
    const { facts } = createRig()
    facts.take([object('EndpointSlice', 'stray', { addressType: 'FQDN' })], [])
    facts.settle()
    assert.deepEqual([...facts.current().unknownServices], [])
  })

  it('knows where nodes are, and tells when one is elsewhere', () => {
    const { facts, told } = createRig()
    const node = (zone: string) =>
      object('Node', 'node-1', {
        metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': zone } },
      })
    const where = () => {
      facts.settle()
      return [facts.localityOf('node-1'), told()]
    }
    assert.deepEqual(where(), [undefined, 1])
    facts.take([node('z')], [])
    assert.deepEqual(where(), ['/z', 2])
    facts.take([node('z')], [])
    assert.deepEqual(where(), ['/z', 2])
    facts.take([node('y')], [])
    assert.deepEqual(where(), ['/y', 3])
    facts.take([], [node('y')])
    assert.deepEqual(where(), [undefined, 4])
  })
})
