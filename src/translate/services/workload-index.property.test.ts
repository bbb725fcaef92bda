import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readDocuments } from '../../documents/documents.ts'
import { parseObject } from '../parse-object.ts'
import { type Workload, WorkloadIndex } from './workload-index.ts'

const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'))
const facts = fc.record({
  kind: fc.constantFrom('Pod', 'WorkloadEntry'),
  namespace: fc.constantFrom('ns1', 'ns2'),
  labels,
})

function createWorkloads(
  given: readonly (typeof facts extends fc.Arbitrary<infer T> ? T : never)[],
) {
  return given.flatMap(({ kind, namespace, labels }, index): Workload[] => {
    const apiVersion = kind === 'Pod' ? 'v1' : 'networking.istio.io/v1'
    const metadata = { name: `w${index}`, namespace, labels }
    const spec = kind === 'Pod' ? {} : { address: '192.0.2.1' }
    const text = JSON.stringify({ apiVersion, kind, metadata, spec })
    const [document] = readDocuments(text, 'x.json').documents
    assert.ok(document)
    const { object } = parseObject(document, { defaultNamespace: 'default' })
    assert.ok(object?.kind === 'Pod' || object?.kind === 'WorkloadEntry')
    return [object]
  })
}

describe('WorkloadIndex', () => {
  it('selects what has all labels in the namespace, pods first, then by name', () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 12 }), labels, (given, selector) => {
        const workloads = createWorkloads(given)
        const wanted = new Map(Object.entries(selector))
        const selected = new WorkloadIndex(workloads).select('ns1', wanted)
        const expected = workloads
          .filter(({ meta }) => meta.namespace === 'ns1')
          .filter(({ meta }) => [...wanted].every(([key, value]) => meta.labels.get(key) === value))
          .map(({ kind, meta }) => `${kind} ${meta.name}`)
          .sort()
        assert.deepEqual(
          selected.map(({ kind, meta }) => `${kind} ${meta.name}`),
          expected,
        )
      }),
    )
  })
})
