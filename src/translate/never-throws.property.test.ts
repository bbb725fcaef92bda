import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { readDocuments } from '../documents/documents.ts'
import { formatFinding } from '../documents/finding.ts'
import { parseObject } from './parse-object.ts'
import { translate } from './translate.ts'

const kinds = [
  'ServiceEntry',
  'WorkloadEntry',
  'WorkloadGroup',
  'Service',
  'EndpointSlice',
  'Pod',
  'Sidecar',
]
const versions = ['networking.istio.io/v1', 'v1', 'discovery.k8s.io/v1']

const field = fc.constantFrom(
  'spec',
  'status',
  'metadata',
  'hosts',
  'addresses',
  'ports',
  'number',
  'name',
  'protocol',
  'targetPort',
  'resolution',
  'endpoints',
  'address',
  'workloadSelector',
  'labels',
  'exportTo',
  'egress',
  'clusterIP',
  'selector',
  'type',
  'conditions',
  'template',
  'annotations',
  '__proto__',
)
const word = fc.constantFrom(
  'a.test',
  '*.test',
  '*',
  './*',
  '~',
  '.',
  '192.0.2.1',
  '2001:db8::/32',
  'unix:///a',
  'STATIC',
  'DNS',
  'HTTP',
  'tcp',
  'None',
  'ExternalName',
  'ns1',
  '',
  'DYNAMIC_DNS',
)

/** Values that look enough like an object's to reach the rules. */
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    word,
    fc.integer({ min: -1, max: 70_000 }),
    fc.anything({ maxDepth: 1 }),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(field, tie('node'), { maxKeys: 8 }),
  ),
})).node

const object = fc.record({
  apiVersion: fc.constantFrom(...versions),
  kind: fc.constantFrom(...kinds),
  metadata: fc.oneof(fc.constant({ name: 'x', labels: { a: 'b' } }), value),
  spec: fc.oneof(fc.dictionary(field, value, { maxKeys: 8 }), value),
  status: value,
})

function judge(text: string): void {
  const read = readDocuments(text, 'x.yaml')
  const parsed = read.documents.map((one) => parseObject(one, { defaultNamespace: 'default' }))
  const objects = parsed.flatMap((one) => one.object ?? [])
  const { services, findings } = translate(objects, {
    clusterDomain: 'cluster.local',
    defaultExportTo: ['*'],
    autoAllocate: true,
  })
  for (const finding of [...read.findings, ...parsed.flatMap((one) => one.findings), ...findings]) {
    assert.match(
      formatFinding(finding),
      /^x\.yaml:[1-9]\d*:[1-9]\d*: (error|warning|notice)\[\w+\]: ./,
    )
  }
  for (const { host, endpoints, ports } of services) {
    assert.match(host, /^[-a-z0-9.*]+$/)
    const numbers = ports.map(({ number }) => number)
    for (const endpoint of endpoints) {
      for (const number of endpoint.ports.keys()) assert.ok(numbers.includes(number))
    }
  }
}

describe('reading, checking and translating', () => {
  it('never throws, whatever text a file holds', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), judge))
  })

  it('never throws on text made of what YAML is made of', () => {
    const bits = fc.constantFrom(
      ...'-:[]{}&*!|>%@`"\'#,?\n ~<=ab01\t.'.split(''),
      '---\n',
      '\n- ',
      ': ',
    )
    fc.assert(fc.property(fc.array(bits, { maxLength: 60 }), (parts) => judge(parts.join(''))))
  })

  it('never throws, whatever values objects have', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 3 }), (objects) => {
        judge(objects.map(toYaml).join('---\n'))
      }),
      { numRuns: 300 },
    )
  })

  it('never throws, whatever JSON holds', () => {
    fc.assert(fc.property(fc.json(), judge))
  })
})

/** Some values that a property makes cannot be written at all; those are of no interest. */
function toYaml(value: unknown): string {
  try {
    return stringify(value, { aliasDuplicateObjects: false })
  } catch {
    return 'kind: none\n'
  }
}
