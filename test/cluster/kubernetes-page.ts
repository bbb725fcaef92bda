import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../../src/testing/eventually.ts'
import { blocksOf } from '../architecture/pages.ts'
import { readTree } from '../architecture/tree.ts'
import type { InstalledRig } from './node/installed-rig.ts'

const page = readTree(['docs'], ['.md']).find(({ path }) => path === 'docs/kubernetes.md')
const blocks = page ? blocksOf(page) : []

/** The first block that has this in it. */
export function block(pattern: RegExp): string {
  const found = blocks.find(({ text }) => pattern.test(text))
  assert.ok(found, `docs/kubernetes.md has no block with ${pattern}`)
  return found.text
}

/** What is other each time is the same here. */
function lasting(text: string): string {
  return text
    .replaceAll(/"20\d\d-[\d:T-]+Z"/g, 'TIME')
    .replaceAll(/(AddressesAllocated +)\w+/g, '$1AGE')
    .replaceAll(/ +/g, ' ')
    .trim()
}

function assertHas(output: string, shown: string): void {
  const [all, part] = [lasting(output), lasting(shown)]
  assert.ok(all.includes(part), `the page shows:\n${part}\nbut it is:\n${all}`)
}

/** A ServiceEntry; what is not said is in order. */
function entry(name: string, spec: Readonly<Record<string, unknown>>): string {
  const metadata = { name, namespace: 'default' }
  return JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata,
    spec,
  })
}

const wrong = entry('bad', {
  hosts: ['bad.internal'],
  addresses: ['198.51.100.7'],
  ports: [{ name: 'http', number: 80, protocol: 'HTTPX' }],
  resolution: 'STATIC',
  endpoints: [{ address: 'not an address' }],
})

const dubious = entry('dubious', {
  hosts: ['*.dubious.internal'],
  ports: [{ name: 'tcp', number: 9000, protocol: 'TCP' }],
  location: 'MESH_EXTERNAL',
  resolution: 'NONE',
})

const malformed = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'one',
    annotations: { 'proxy.istio.io/config': 'proxyMetadata: {ISTIO_META_DNS_CAPTURE: true}' },
  },
  spec: { containers: [{ name: 'app', image: 'curl' }] },
})

const switchedOn = JSON.stringify({
  apiVersion: 'networking.istio.io/v1beta1',
  kind: 'ProxyConfig',
  metadata: { name: 'switched-on', namespace: 'default' },
  spec: { environmentVariables: { ISTIO_META_DNS_CAPTURE: 'true' } },
})

const plain = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'plain' },
  spec: { containers: [{ name: 'app', image: 'curl' }] },
})

interface Claim {
  readonly name: string
  readonly check: (mesh: InstalledRig) => Promise<void>
}

/** What the page about clusters shows, in an order in which it can be had. */
export const kubernetesPage: readonly Claim[] = [
  {
    name: 'what an installation says',
    async check(mesh) {
      const said = mesh.said.split('\n')
      const shown = block(/^created Namespace/).split('\n')
      assert.deepEqual(
        shown.filter((line) => !said.includes(line)),
        [],
      )
      assert.deepEqual(
        said.filter((line) => line.startsWith('created') && !shown.includes(line)),
        [],
      )
    },
  },
  {
    name: 'the status of an entry, and what describe says of it',
    async check({ rig: { cluster } }) {
      const yaml = await cluster.must(['get', 'se', 'external-auto', '-o', 'yaml'])
      assertHas(yaml, block(/^status:/))
      const described = await cluster.must(['describe', 'se', 'external-auto'])
      for (const line of block(/^Events:/)
        .trim()
        .split('\n'))
        assertHas(described, line)
    },
  },
  {
    name: 'what becomes of wrong and dubious objects',
    async check({ rig: { cluster } }) {
      const refused = await cluster.kubectl(['apply', '-f', '-'], wrong)
      assertHas(refused.stderr.replace('STDIN', 'bad.yaml'), block(/bad\.yaml/))
      const taken = await cluster.kubectl(['apply', '-f', '-'], dubious)
      assert.equal(taken.code, 0)
      assertHas(taken.stderr, block(/^Warning:/))
      const pod = await cluster.kubectl(['apply', '-f', '-'], malformed)
      assertHas(pod.stderr.replace('STDIN', ''), block(/cannot inject pod/).split(':')[0] ?? '')
      assertHas(pod.stderr, block(/cannot inject pod/).replace(/^.*?(?=admission)/, ''))
    },
  },
  {
    name: 'why a name is answered, with a kubeconfig and in a controller',
    async check({ rig }) {
      const asked = await rig.meshdns(['explain', 'auto.internal'])
      assert.equal(asked.stdout, block(/^auto\.internal: answered/), asked.stderr)
      const other = await rig.meshdns(['explain', 'www.example.test'])
      assert.match(other.stdout, /^www\.example\.test: .* a server of the pod is asked$/m)
      assert.match((await rig.meshdns(['version'])).stdout, /^controller: \d/m)
      const [pod = ''] = await rig.ready('istio-system', 'app=meshdns-controller')
      const controller = await rig.container('istio-system', pod, 'controller')
      const words = ['explain', '--controller', '127.0.0.1:15014', 'auto.internal']
      const { stdout } = await controller.exec(['meshdns', ...words])
      assert.equal(stdout, block(/^auto\.internal: answered/))
    },
  },
  {
    name: 'how a machine gets its files',
    async check({ rig }) {
      const { cluster } = rig
      const shown = block(/workload entry configure/).split('\n')
      await cluster.must(['create', 'namespace', 'vms'])
      await cluster.must(['create', 'serviceaccount', 'shop', '-n', 'vms'])
      await cluster.must(['apply', '-f', '-'], block(/istio-eastwestgateway/))
      const status = { status: { loadBalancer: { ingress: [{ ip: '203.0.113.80' }] } } }
      const gateway = ['svc', 'istio-eastwestgateway', '-n', 'istio-system']
      const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify(status)]
      await cluster.must(['patch', ...gateway, ...patch])
      const wordsOf = (pattern: RegExp) => {
        const line = shown.find((one) => pattern.test(one)) ?? ''
        return line.replace(/ \|.*/, '').split(' ').slice(1)
      }
      const { stdout: group } = await rig.meshdns(wordsOf(/group create/))
      await cluster.must(['apply', '-f', '-'], group)
      const folder = await mkdtemp(join(tmpdir(), 'meshdns-page-'))
      try {
        const words = wordsOf(/entry configure/).slice(0, -1)
        const { stdout, stderr } = await rig.meshdns([...words, join(folder, 'vm1')])
        const said = `${stderr}${stdout}`.replaceAll(`${folder}/`, '')
        assert.equal(said, block(/^warning: vm1/))
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  },
  {
    name: 'that a ProxyConfig decides for its namespace',
    async check({ rig: { cluster } }) {
      const all = ['create', '--dry-run=server', '-f', '-', '-o']
      const list = 'jsonpath={.spec.initContainers[*].name}'
      const injected = () => cluster.must([...all, list], plain)
      assert.equal(await injected(), 'istio-proxy')
      await cluster.must(['apply', '-f', '-'], switchedOn)
      await eventually(async () => (await injected()) === 'istio-init istio-proxy')
    },
  },
  {
    name: 'what is taken away',
    async check({ rig }) {
      const { stdout, stderr } = await rig.meshdns(['uninstall', '-y'])
      const said = `${stdout}\n${stderr}`.split('\n')
      const shown = block(/^removed Mutating/).trim()
      assert.deepEqual(
        shown.split('\n').filter((line) => !said.includes(line)),
        [],
      )
    },
  },
]
