import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readControlPlaneConfig } from '../config/control-plane-config.ts'
import { fixedSettings, pendingSettings } from './mesh-settings.ts'
import { ControllerOptions } from './options.ts'

function settingsOf(yaml: string, options: Readonly<Record<string, unknown>> = {}) {
  const { config } = readControlPlaneConfig(yaml, 'mesh.yaml')
  assert.ok(config)
  return fixedSettings(ControllerOptions.parse(options), config.mesh)
}

const own = { identity: { trustDomain: 'own.test' }, xds: { minTlsVersion: 'TLSv1.3' } }

describe('fixedSettings', () => {
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

describe('pendingSettings', () => {
  it('names what takes a restart', () => {
    const running = settingsOf('')
    const wanted = settingsOf('trustDomain: x.test\nmeshMTLS: { minProtocolVersion: TLSV1_3 }\n')
    assert.deepEqual(pendingSettings(running, running), [])
    assert.deepEqual(pendingSettings(running, settingsOf('rootNamespace: x\n')), [])
    assert.deepEqual(pendingSettings(running, wanted), [
      'trustDomain',
      'meshMTLS.minProtocolVersion',
    ])
  })
})
