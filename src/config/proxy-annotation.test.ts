import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from '../documents/documents.ts'
import { formatFinding } from '../documents/finding.ts'
import { readProxyAnnotation } from './proxy-annotation.ts'

/** The lines of an annotation in the place where people write it. */
function read(lines: readonly string[]) {
  const head = [
    'kind: WorkloadGroup',
    'metadata:',
    '  annotations:',
    '    proxy.istio.io/config: |',
  ]
  const text = [...head, ...lines.map((line) => `      ${line}`)].join('\n')
  const [document] = readDocuments(text, 'group.yaml').documents
  assert.ok(document)
  const object = { kind: 'WorkloadGroup', namespace: 'shop', name: 'till' }
  return readProxyAnnotation(document, ['metadata', 'annotations'], object)
}

interface Case {
  readonly name: string
  readonly lines: readonly string[]
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'an unquoted true',
    lines: ['proxyMetadata:', '  ISTIO_META_DNS_CAPTURE: true'],
    want: [
      'group.yaml:6:33: error[NOT_A_TEXT]: WorkloadGroup shop/till proxyMetadata.ISTIO_META_DNS_CAPTURE: must be a text, not the unquoted true\n' +
        '  hint: Put it in quotes: ISTIO_META_DNS_CAPTURE: "true"',
    ],
  },
  {
    name: 'YAML that is none',
    lines: ['concurrency: 1', 'proxyMetadata: {'],
    want: [
      'group.yaml:6:23: error[YAML_SYNTAX]: WorkloadGroup shop/till metadata.annotations["proxy.istio.io/config"]: line 3 of the text: Flow map in block collection must be sufficiently indented and end with a }\n' +
        '  hint: Mend this text: it is a ProxyConfig in YAML, such as `concurrency: 2`, or `proxyMetadata:` with variables indented below it.',
    ],
  },
  {
    name: 'a list',
    lines: ['- a'],
    want: ['group.yaml:5:7: error[SCHEMA]: WorkloadGroup shop/till: must be a map, not a list'],
  },
]

describe('readProxyAnnotation refuses', () => {
  for (const { name, lines, want } of cases) {
    it(name, () => {
      const { layer, findings } = read(lines)
      assert.deepEqual(findings.map(formatFinding), want)
      assert.equal(layer, undefined)
    })
  }
})

describe('readProxyAnnotation', () => {
  it('knows where every setting stands', () => {
    const { layer } = read(['# threads', 'concurrency: 2'])
    assert.deepEqual(layer?.locate(['concurrency']), { file: 'group.yaml', line: 6, column: 20 })
  })

  it('finds nothing in an object without it', () => {
    const [document] = readDocuments('kind: Pod', 'pod.yaml').documents
    assert.ok(document)
    assert.deepEqual(readProxyAnnotation(document, ['metadata', 'annotations']), { findings: [] })
  })
})
