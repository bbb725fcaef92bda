import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from '../../documents/documents.ts'
import type { WorkloadGroup } from '../../translate/mesh-object.ts'
import { parseObject } from '../../translate/parse-object.ts'
import { onboardingGroup } from './group.ts'

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

describe('onboardingGroup', () => {
  for (const [name, annotation] of [
    ['is no YAML', 'proxyMetadata: {'],
    ['is a list', '- a'],
    ['is a word', 'yes'],
  ] as const) {
    it(`refuses an annotation that ${name}, and says where it stands`, () => {
      assert.throws(() => onboardingGroup(groupOf(annotation)), {
        code: 'INSTALL_GROUP_CONFIG',
        message: /^group\.json:1: WorkloadGroup ns\/a: proxy\.istio\.io\/config/,
      })
    })
  }

  it('takes an empty annotation for no word', () => {
    assert.deepEqual(onboardingGroup(groupOf('')).proxyConfigs, [{}])
  })
})
