import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readMeshConfig } from '../../config/read-mesh-config.ts'
import { SettingsPage } from '../../config/setting-value.ts'
import { readDocuments } from '../../documents/documents.ts'
import { parseObject } from '../../translate/parse-object.ts'
import { proxyConfigPage } from './proxy-config-page.ts'

const group = `apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: shop, namespace: vms, annotations: { proxy.istio.io/config: "concurrency: 2" } }
spec: { template: {} }
`

function page(query: Readonly<Record<string, string>>): SettingsPage {
  const { mesh } = readMeshConfig('trustDomain: td\n', 'mesh')
  assert.ok(mesh)
  const objects = readDocuments(group, 'group.yaml').documents.flatMap(
    (document) => parseObject(document, { defaultNamespace: 'default' }).object ?? [],
  )
  const answer = proxyConfigPage({ mesh, objects }, new URLSearchParams(query))
  return SettingsPage.parse(JSON.parse(JSON.stringify(answer)))
}

describe('the page of settings', () => {
  it('shows those of a workload', () => {
    const { workload, settings, faults } = page({ workload: 'shop.vms' })
    assert.deepEqual(faults, [])
    assert.deepEqual(workload, { kind: 'WorkloadGroup', namespace: 'vms', name: 'shop' })
    const found = settings.find(({ setting }) => setting === 'concurrency')
    assert.deepEqual(found, {
      setting: 'concurrency',
      value: 2,
      from: { level: 'annotation', file: 'group.yaml', line: 3, column: 93 },
      beat: [],
    })
  })

  it('takes the namespace beside the name as well', () => {
    assert.equal(page({ workload: 'shop', namespace: 'vms' }).workload?.name, 'shop')
  })

  it('shows those of the mesh without a workload', () => {
    const { settings } = page({})
    const found = settings.find(({ setting }) => setting === 'meshConfig.trustDomain')
    assert.deepEqual(found?.from, { level: 'mesh', file: 'mesh', line: 1, column: 14 })
  })

  it('says which workload it does not know', () => {
    assert.deepEqual(page({ workload: 'till.vms' }).faults, [
      'no WorkloadGroup, WorkloadEntry or Pod is called till.vms',
    ])
  })
})
