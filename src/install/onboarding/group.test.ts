import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultMeshConfig } from '../../config/read-mesh-config.ts'
import { readDocuments } from '../../documents/documents.ts'
import type { WorkloadGroup } from '../../translate/mesh-object.ts'
import { parseObject } from '../../translate/parse-object.ts'
import { groupProxyConfig } from './group.ts'

function groupOf(annotation: string): WorkloadGroup {
  const text = JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadGroup',
    metadata: { name: 'a', annotations: { 'proxy.istio.io/config': annotation } },
    spec: { template: {} },
  })
  const [document] = readDocuments(text, 'group.json').documents
  const object = document && parseObject(document, { defaultNamespace: 'ns' }).object
  assert.ok(object?.kind === 'WorkloadGroup')
  return object
}

describe('groupProxyConfig', () => {
  for (const [name, annotation] of [
    ['is no YAML', 'proxyMetadata: {'],
    ['is a list', '- a'],
    ['has a value without quotes', 'proxyMetadata: { ISTIO_META_DNS_CAPTURE: true }'],
  ] as const) {
    it(`refuses an annotation that ${name}, and says where it stands`, () => {
      assert.throws(() => groupProxyConfig(groupOf(annotation), defaultMeshConfig, []), {
        code: 'INSTALL_GROUP_CONFIG',
        message: /^group\.json:1:\d+: error\[\w+\]: WorkloadGroup ns\/a/,
      })
    })
  }

  it('says nothing that nobody said', () => {
    assert.deepEqual(groupProxyConfig(groupOf(''), defaultMeshConfig, []), {})
  })
})
