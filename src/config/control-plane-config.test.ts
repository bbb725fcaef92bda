import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readControlPlaneConfig } from './control-plane-config.ts'
import { saidOfMesh } from './mesh-config.ts'

const operator = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  meshConfig:
    trustDomain: shop.test
    defaultServiceExportTo: ["."]
  values:
    pilot:
      env:
        PILOT_ENABLE_IP_AUTOALLOCATE: "false"
`

describe('readControlPlaneConfig', () => {
  it('reads an IstioOperator, with the variables of the controller', () => {
    const { config, findings } = readControlPlaneConfig(operator, 'iop.yaml')
    assert.deepEqual(findings, [])
    assert.equal(config?.mesh.trustDomain, 'shop.test')
    assert.deepEqual(config.mesh.defaultServiceExportTo, ['.'])
    assert.deepEqual([...config.pilotEnv], [['PILOT_ENABLE_IP_AUTOALLOCATE', 'false']])
  })

  it('reads a MeshConfig', () => {
    const { config } = readControlPlaneConfig('rootNamespace: mesh-root\n', 'mesh.yaml')
    assert.equal(config?.mesh.rootNamespace, 'mesh-root')
    assert.equal(config.pilotEnv.size, 0)
  })

  it('takes an empty file for the defaults', () => {
    assert.equal(readControlPlaneConfig('', 'mesh.yaml').config?.mesh.trustDomain, 'cluster.local')
  })

  it('says where a fault stands', () => {
    const { config, findings } = readControlPlaneConfig('trustDomain: 7\n', 'mesh.yaml')
    assert.equal(config, undefined)
    assert.deepEqual(
      findings.map(({ severity, file, line }) => [severity, file, line]),
      [['error', 'mesh.yaml', 1]],
    )
  })
})

describe('saidOfMesh', () => {
  it('tells what somebody said from what holds anyway', () => {
    const { config } = readControlPlaneConfig('trustDomain: cluster.local\n', 'mesh.yaml')
    assert.ok(config)
    assert.equal(saidOfMesh(config.mesh, 'trustDomain'), 'cluster.local')
    assert.equal(saidOfMesh(config.mesh, 'rootNamespace'), undefined)
  })
})
