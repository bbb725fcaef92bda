import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from '../../documents/documents.ts'
import { parseObject } from '../parse-object.ts'
import { sidecarOf } from '../services/from-sidecar.ts'

/** Lines 1 to 4 of the object; the spec begins in line 5, two columns in. */
function parse(spec: string, version = 'v1') {
  const body = spec.split('\n').map((line) => `  ${line}`)
  const text = [
    `apiVersion: networking.istio.io/${version}`,
    'kind: Sidecar',
    "metadata: { name: x, namespace: ns1, creationTimestamp: '2024-01-01T00:00:00Z' }",
    'spec:',
    ...body,
  ].join('\n')
  const [document] = readDocuments(text, 'x.yaml').documents
  assert.ok(document)
  return parseObject(document, { defaultNamespace: 'default' })
}

const hosts = (text: string) => `egress: [{ hosts: [${text}] }]`

interface Case {
  readonly name: string
  readonly spec: string
  /** `SEVERITY PATH LINE:COLUMN` of each finding with code SIDECAR. */
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  { name: 'hosts of all kinds', spec: hosts('ns2/a.test, ./*, "*/*.b.test", "~/*"'), want: [] },
  { name: 'nothing at all', spec: '{}', want: ['error spec 4:1'] },
  { name: 'a policy alone', spec: 'outboundTrafficPolicy: { mode: ALLOW_ANY }', want: [] },
  { name: 'ingress alone', spec: 'ingress: [{ port: { number: 80 } }]', want: [] },
  {
    name: 'a listener without hosts',
    spec: 'egress: [{}]',
    want: ['error spec.egress[0].hosts 5:12'],
  },
  { name: 'an empty listener', spec: 'egress: [null]', want: ['error spec.egress[0].hosts 5:12'] },
  { name: 'no namespace', spec: hosts('a.test'), want: ['error spec.egress[0].hosts[0] 5:22'] },
  {
    name: 'an empty namespace',
    spec: hosts('/a.test'),
    want: ['error spec.egress[0].hosts[0] 5:22'],
  },
  {
    name: 'a bad namespace',
    spec: hosts('NS/a.test'),
    want: ['error spec.egress[0].hosts[0] 5:22'],
  },
  { name: 'an empty host', spec: hosts('ns1/'), want: ['error spec.egress[0].hosts[0] 5:22'] },
  { name: 'a short name', spec: hosts('ns1/web'), want: ['error spec.egress[0].hosts[0] 5:22'] },
  {
    name: 'a host that is none',
    spec: hosts('./a_b.test'),
    want: ['error spec.egress[0].hosts[0] 5:22'],
  },
  {
    name: 'half a label',
    spec: hosts('"*/*api.test"'),
    want: ['error spec.egress[0].hosts[0] 5:22'],
  },
  {
    name: 'a host twice',
    spec: hosts('./a.test, ns1/a.test'),
    want: ['warning spec.egress[0].hosts[1] 5:32'],
  },
  {
    name: 'a host of a whole namespace',
    spec: hosts('./*, ./a.test'),
    want: ['warning spec.egress[0].hosts[1] 5:27'],
  },
  {
    name: 'more than all',
    spec: hosts('"*/*", ns2/a.test'),
    want: ['warning spec.egress[0].hosts 5:14'],
  },
  {
    name: 'listeners behind one without a port',
    spec: 'egress:\n- hosts: [./*]\n- port: { number: 80 }\n  hosts: [./*]',
    want: ['error spec.egress[0] 6:5'],
  },
  {
    name: 'one without a port behind others',
    spec: 'egress:\n- port: { number: 80 }\n  hosts: [./*]\n- hosts: [./*]',
    want: [],
  },
  {
    name: 'a selector without labels',
    spec: `workloadSelector: {}\n${hosts('./*')}`,
    want: ['warning spec.workloadSelector 5:3'],
  },
  {
    name: 'a selector with a star',
    spec: `workloadSelector: { labels: { a: '*' } }\n${hosts('./*')}`,
    want: ['error spec.workloadSelector.labels.a 5:36'],
  },
]

describe('parseSidecar', () => {
  for (const { name, spec, want } of cases) {
    it(`judges ${name}`, () => {
      const { object, findings } = parse(spec)
      for (const { code, hint } of findings) assert.ok(code === 'SIDECAR' && hint !== undefined)
      const got = findings.map(
        ({ severity, path, line, column }) => `${severity} ${path} ${line}:${column}`,
      )
      assert.deepEqual(got, want)
      assert.equal(
        object === undefined,
        want.some((text) => text.startsWith('error')),
      )
    })
  }

  for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
    it(`makes what the registry knows of version ${version}`, () => {
      const egress = 'egress:\n- port: { number: 80 }\n  hosts: [ns2/API.test.]\n- hosts: [./*]'
      const { object } = parse(`workloadSelector: { labels: { app: web } }\n${egress}`, version)
      assert.ok(object?.kind === 'Sidecar')
      assert.deepEqual(sidecarOf(object), {
        namespace: 'ns1',
        name: 'x',
        selector: new Map([['app', 'web']]),
        egress: [
          { namespace: 'ns2', host: 'api.test' },
          { namespace: '.', host: '*' },
        ],
        createdAt: 1_704_067_200_000,
      })
    })
  }

  it('takes fields that only other proxies need', () => {
    const bind =
      'egress: [{ port: { number: 1 }, bind: 127.0.0.1, captureMode: NONE, hosts: [./*] }]'
    const { findings } = parse(`${bind}\ninboundConnectionPool: { tcp: { maxConnections: 1 } }`)
    assert.deepEqual(findings, [])
  })
})
