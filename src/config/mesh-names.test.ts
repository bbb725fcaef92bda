import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readControlPlaneConfig } from './control-plane-config.ts'
import { type MeshNames, meshNames } from './mesh-names.ts'

const own = {
  trustDomain: 'own.test',
  clusterId: 'own',
  revisions: ['blue'],
  serverNames: ['a.test'],
}

interface Case {
  readonly name: string
  /** The `spec` of an IstioOperator. */
  readonly spec: unknown
  readonly want: Partial<MeshNames>
}

const cases: readonly Case[] = [
  {
    name: 'the options where the mesh says nothing',
    spec: {},
    want: {
      trustDomain: 'own.test',
      clusterId: 'own',
      network: '',
      serverNames: ['istiod.istio-system.svc', 'istiod-blue.istio-system.svc', 'a.test'],
    },
  },
  {
    name: 'the mesh over options',
    spec: {
      meshConfig: { trustDomain: 'mesh.test' },
      values: { global: { network: 'net1', multiCluster: { clusterName: 'cluster1' } } },
    },
    want: { trustDomain: 'mesh.test', clusterId: 'cluster1', network: 'net1' },
  },
  {
    name: 'a controller of a revision and namespace of its own',
    spec: { revision: 'canary', values: { global: { istioNamespace: 'mesh' } } },
    want: {
      serverNames: ['istiod.mesh.svc', 'istiod-canary.mesh.svc', 'istiod-blue.mesh.svc', 'a.test'],
    },
  },
  {
    name: 'the revision `default` as none',
    spec: { revision: 'default' },
    want: { serverNames: ['istiod.istio-system.svc', 'istiod-blue.istio-system.svc', 'a.test'] },
  },
]

const head = { apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator' }

describe('meshNames', () => {
  for (const { name, spec, want } of cases) {
    it(`takes ${name}`, () => {
      const { config } = readControlPlaneConfig(JSON.stringify({ ...head, spec }), 'iop.yaml')
      assert.ok(config)
      assert.partialDeepStrictEqual(meshNames(config, own), want)
    })
  }

  it('calls a cluster that nobody named what its pods call it', () => {
    const { config } = readControlPlaneConfig(JSON.stringify(head), 'iop.yaml')
    assert.ok(config)
    assert.equal(meshNames(config, { ...own, clusterId: '' }).clusterId, 'Kubernetes')
  })
})
