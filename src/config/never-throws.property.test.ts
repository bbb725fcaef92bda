import { describe, it } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { readAgentSettings } from './agent-settings.ts'
import { readInstallConfig } from './install-config.ts'
import { placeValue } from './setting-value.ts'

/** Fields that mean something, with values that mostly make no sense. */
const words = [
  'spec',
  'meshConfig',
  'defaultConfig',
  'proxyMetadata',
  'readinessProbe',
  'httpGet',
  'exec',
  'values',
  'global',
  'pilot',
  'env',
  'profile',
  'drainDuration',
  'outboundTrafficPolicy',
  '__proto__',
  'a.b',
]

const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(null, true, 0, -1, 1e9, '', 'true', '45s', 'preview', [], {}),
    fc.dictionary(fc.constantFrom(...words), tie('node'), { maxKeys: 5 }),
    fc.array(tie('node'), { maxLength: 3 }),
  ),
})).node

describe('reading configuration', () => {
  it('never throws at whatever an IstioOperator and --set say', () => {
    const path = fc.array(fc.constantFrom(...words, '[0]'), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(tree, path, fc.string(), (spec, segments, value) => {
        const head = { apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec }
        const files = [{ file: 'x.yaml', text: stringify(head) }]
        const { config } = readInstallConfig({ files, sets: [`${segments.join('.')}=${value}`] })
        for (const { origin } of config?.settings.list ?? []) placeValue(origin)
      }),
    )
  })

  it('never throws at whatever an agent is told', () => {
    fc.assert(
      fc.property(tree, tree, fc.string(), (mesh, annotation, text) => {
        const line = `proxy.istio.io/config=${JSON.stringify(stringify(annotation))}`
        readAgentSettings({
          env: { PROXY_CONFIG: text },
          mesh: { file: 'mesh', text: stringify({ defaultConfig: mesh }) },
          annotations: { file: 'annotations', text: line },
        })
      }),
    )
  })
})
