import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readControlPlaneConfig } from '../config/control-plane-config.ts'
import { controllerSettings, pendingSettings } from './mesh-settings.ts'
import { ControllerOptions } from './options.ts'

function settingsOf(yaml: string, options: Readonly<Record<string, unknown>> = {}) {
  const { config } = readControlPlaneConfig(yaml, 'mesh.yaml')
  assert.ok(config)
  return controllerSettings(ControllerOptions.parse(options), config)
}

const own = { identity: { trustDomain: 'own.test' }, xds: { minTlsVersion: 'TLSv1.3' } }

describe('controllerSettings', () => {
  it('keeps the options where the mesh says nothing', () => {
    const { identity, xds } = settingsOf('rootNamespace: x\n', own)
    assert.deepEqual([identity.trustDomain, xds.minTlsVersion], ['own.test', 'TLSv1.3'])
  })

  it('lets the mesh go over options', () => {
    const mesh = 'trustDomain: mesh.test\nmeshMTLS: { minProtocolVersion: TLSV1_2 }\n'
    const { identity, xds } = settingsOf(mesh, own)
    assert.deepEqual([identity.trustDomain, xds.minTlsVersion], ['mesh.test', 'TLSv1.2'])
  })

  it('takes the other trust domains of both, each once', () => {
    const options = { identity: { trustDomainAliases: ['a.test', 'b.test'] } }
    const { identity } = settingsOf('trustDomainAliases: [b.test, c.test]\n', options)
    assert.deepEqual(identity.trustDomainAliases, ['a.test', 'b.test', 'c.test'])
  })
})

interface Pending {
  readonly name: string
  readonly wanted: string
  readonly want: readonly string[]
}

const operator = (spec: string) =>
  `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: ${spec}\n`

const pending: readonly Pending[] = [
  { name: 'nothing where nothing changed', wanted: '', want: [] },
  { name: 'nothing that is followed', wanted: 'rootNamespace: x\n', want: [] },
  {
    name: 'no name and no TLS of the controller',
    wanted: operator(
      '{ revision: canary, meshConfig: { meshMTLS: { minProtocolVersion: TLSV1_3 } } }',
    ),
    want: [],
  },
  { name: 'the trust domain', wanted: 'trustDomain: x.test\n', want: ['trustDomain'] },
  {
    name: 'everything that takes a restart',
    wanted: operator(
      '{ values: { pilot: { env: { A: b } }, global: { network: n, multiCluster: { clusterName: c } } } }',
    ),
    want: ['values.global.multiCluster.clusterName', 'values.global.network', 'values.pilot.env'],
  },
]

describe('pendingSettings', () => {
  for (const { name, wanted, want } of pending) {
    it(`names ${name}`, () => {
      assert.deepEqual(pendingSettings(settingsOf(''), settingsOf(wanted)), want)
    })
  }
})
