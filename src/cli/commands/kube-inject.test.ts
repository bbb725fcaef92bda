import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after, describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { FakeClock } from '../../testing/fake-clock.ts'
import { FakeClusterApi } from '../../testing/fake-cluster-api.ts'
import { writeKubeconfig } from '../../testing/write-kubeconfig.ts'
import { runProgram } from '../program.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshdns-kube-inject-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const mesh = file(
  'mesh.yaml',
  'defaultConfig:\n  proxyMetadata:\n    ISTIO_META_DNS_CAPTURE: "true"\n',
)

function inject(input: string, words: readonly string[] = []) {
  return run(input, ['--meshConfigFile', mesh, ...words])
}

async function run(input: string, words: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const io = {
    stdin: Readable.from([input]),
    stdout,
    stderr,
    env: {},
    clock: new FakeClock(),
    color: false,
  }
  const code = await runProgram(['kube-inject', '-f', '-', ...words], io)
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: {
    readonly initContainers?: readonly {
      readonly name: string
      readonly env: readonly { readonly name: string; readonly value?: string }[]
    }[]
  }
}

const template = 'spec: { containers: [{ name: app, image: app }] }'

interface Case {
  readonly kind: string
  readonly apiVersion: string
  readonly spec: string
  readonly find: (object: Readonly<Record<string, unknown>>) => unknown
  /** What the pod counts as part of. */
  readonly owner: string
}

type Nested = { readonly spec: { readonly template: unknown; readonly jobTemplate: Nested } }
const templateOf = (object: unknown) => (object as Nested).spec.template

const cases: readonly Case[] = [
  {
    kind: 'Pod',
    apiVersion: 'v1',
    spec: template,
    find: (object) => object,
    owner: 'kubernetes://apis/v1/namespaces/shop/pods/cart',
  },
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => ({
    kind,
    apiVersion: 'apps/v1',
    spec: `spec: { template: { ${template} } }`,
    find: templateOf,
    owner: `kubernetes://apis/apps/v1/namespaces/shop/${kind.toLowerCase()}s/cart`,
  })),
  {
    kind: 'Job',
    apiVersion: 'batch/v1',
    spec: `spec: { template: { ${template} } }`,
    find: templateOf,
    owner: 'kubernetes://apis/batch/v1/namespaces/shop/jobs/cart',
  },
  {
    kind: 'CronJob',
    apiVersion: 'batch/v1',
    spec: `spec: { jobTemplate: { spec: { template: { ${template} } } } }`,
    find: (object) => templateOf((object as Nested).spec.jobTemplate),
    owner: 'kubernetes://apis/batch/v1/namespaces/shop/cronjobs/cart',
  },
]

describe('meshdns kube-inject', () => {
  for (const { kind, apiVersion, spec, find, owner } of cases) {
    it(`puts the agent into a ${kind}`, async () => {
      const head = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: cart }\n`
      const { code, stdout, stderr } = await inject(`${head}${spec}\n`, ['-n', 'shop'])
      assert.deepEqual([code, stderr], [0, ''])
      const [document] = parseAllDocuments(stdout)
      const pod = find(document?.toJS() as Readonly<Record<string, unknown>>) as Template
      const [, agent] = pod.spec.initContainers ?? []
      assert.deepEqual(
        pod.spec.initContainers?.map(({ name }) => name),
        ['istio-init', 'istio-proxy'],
      )
      const said = agent?.env.find(({ name }) => name === 'ISTIO_META_OWNER')?.value
      assert.equal(said, owner)
      const again = await inject(stdout, ['-n', 'shop'])
      assert.equal(again.stdout, stdout)
    })
  }

  it('leaves everything else as it was, and unfolds lists', async () => {
    const service = '# ours\nkind: Service   # of the shop\nspec: { a: 0x10 }\n'
    const list = `---\napiVersion: v1\nkind: List\nitems:\n- { kind: Secret, data: { "y": "yes" } }\n- { kind: Pod, apiVersion: v1, ${template} }\n`
    const { stdout } = await inject(`${service}${list}`)
    assert.ok(stdout.startsWith(service))
    assert.match(stdout, /\n---\nkind: Secret\ndata:\n {2}"y": "yes"\n---\nkind: Pod\n/)
  })

  it('says what it does not inject, and why', async () => {
    const pod = 'kind: Pod\napiVersion: v1\nspec: { hostNetwork: true }\n'
    const { code, stdout, stderr } = await inject(pod)
    assert.deepEqual([code, stdout], [0, pod])
    assert.equal(stderr, 'not injected: (standard input):1: it has the network of its node\n')
  })

  it('refuses an annotation that makes no sense, with its line, and prints nothing', async () => {
    const pod = [
      'kind: Pod',
      'apiVersion: v1',
      'metadata:',
      '  annotations:',
      '    proxy.istio.io/config: |',
      '      proxyMetadata:',
      '        A: 1',
      'spec: { containers: [] }',
    ]
    const { code, stdout, stderr } = await inject(pod.join('\n'))
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /\(standard input\):7:12: error\[NOT_A_TEXT\]/)
  })

  it('goes by values, and writes to a file', async () => {
    const values = file('values.json', '{ "global": { "hub": "example.com/own", "tag": 7 } }')
    const output = join(folder, 'out.yaml')
    const words = ['--valuesFile', values, '-o', output]
    const { code, stdout } = await inject(`kind: Pod\napiVersion: v1\n${template}\n`, words)
    assert.deepEqual([code, stdout], [0, ''])
    assert.match(readFileSync(output, 'utf8'), /image: example\.com\/own\/meshdns:7\n/)
  })

  it('takes objects that name no namespace for those of the context, as kubectl will', async (test) => {
    const api = await FakeClusterApi.start(test, [
      { group: '', version: 'v1', plural: 'configmaps' },
    ])
    const metadata = { name: 'istio', namespace: 'istio-system' }
    api.put('configmaps', { metadata, data: { mesh: '{}' } })
    const kubeconfig = await writeKubeconfig(folder, api.server)
    const pod = `kind: Pod\napiVersion: v1\nmetadata: { name: cart }\n${template}\n`
    const owners = [
      { words: [], owner: 'of-user' },
      { words: ['-n', 'shop'], owner: 'shop' },
    ]
    for (const { words, owner } of owners) {
      const { code, stdout } = await run(pod, ['--kubeconfig', kubeconfig, ...words])
      assert.equal(code, 0)
      assert.match(stdout, new RegExp(`kubernetes://apis/v1/namespaces/${owner}/pods/cart`))
    }
  })

  it('says where a result cannot be written', async () => {
    const output = join(folder, 'none', 'out.yaml')
    const { code, stderr } = await inject('', ['-o', output])
    assert.equal(code, 2)
    assert.match(stderr, /^error\[CLI_USAGE\]: .*out\.yaml cannot be written\n.*ENOENT.*\nhint: /)
  })

  for (const [name, words, message] of [
    ['a file that is not there', ['-f', join(folder, 'none.yaml')], /none\.yaml/],
    ['values that make no sense', ['--valuesFile', file('v.json', '{ "global": 3 }')], /global/],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const { code, stdout, stderr } = await inject('', words)
      assert.deepEqual([code, stdout], [1, ''])
      assert.match(stderr, message)
    })
  }
})
