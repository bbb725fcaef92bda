import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { applyDefinitions, startClusterController } from './cluster-ports.ts'
import { freePorts } from './free-ports.ts'
import { injectionWebhook } from './injection-webhook.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const rootNamespace = 'istio-system'

const mesh = {
  defaultConfig: { proxyMetadata: { LEVEL: 'mesh', OF_MESH: 'mesh' } },
}

/** A ProxyConfig whose variables say which one it is; `selector` may be empty. */
function proxyConfig(namespace: string, name: string, selector?: object): string {
  const environmentVariables = { LEVEL: name, [`OF_${name.toUpperCase()}`]: name }
  return JSON.stringify({
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ProxyConfig',
    metadata: { name, namespace },
    spec: { environmentVariables, ...(selector ? { selector } : {}) },
  })
}

interface Injected {
  readonly spec: {
    readonly initContainers: readonly {
      readonly name: string
      readonly env?: readonly { readonly name: string; readonly value?: string }[]
    }[]
  }
}

const selector = { matchLabels: { app: 'cart' } }

describe('settings of injected pods, lowest level to highest', { skip, timeout: 600_000 }, () => {
  let cluster: TestCluster
  const cleanUp: (() => unknown)[] = []
  const rig = { after: (stop: () => unknown) => void cleanUp.unshift(stop) }

  const apply = (object: string) => cluster.must(['apply', '-f', '-'], object)
  const remove = (namespace: string, name: string) =>
    cluster.must(['delete', 'proxyconfig', name, '-n', namespace])

  function tryPod(namespace: string, config?: string) {
    const annotations = config === undefined ? {} : { 'proxy.istio.io/config': config }
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'cart', namespace, labels: { app: 'cart' }, annotations },
      spec: { containers: [{ name: 'app', image: 'app' }] },
    }
    const words = ['create', '--dry-run=server', '-o', 'json', '-f', '-']
    return cluster.kubectl(words, JSON.stringify(pod))
  }

  /** What the agent of a new pod is told, as far as this test says it: `LEVEL`, then who else has a word. */
  async function settings(namespace: string, config?: string): Promise<string> {
    const { code, stdout, stderr } = await tryPod(namespace, config)
    if (code !== 0) return stderr
    const { initContainers } = (JSON.parse(stdout) as Injected).spec
    const env = initContainers.find(({ name }) => name === 'istio-proxy')?.env ?? []
    const others = env.flatMap(({ name, value }) => (name.startsWith('OF_') ? (value ?? '') : []))
    const level = env.find(({ name }) => name === 'LEVEL')?.value ?? 'nobody'
    return [level, ...others.toSorted()].join(' ')
  }

  /** Controllers hear of a change a moment after the API server took it. */
  async function become(want: string, namespace = 'shop', config?: string): Promise<void> {
    let last = ''
    try {
      await eventually(async () => {
        last = await settings(namespace, config)
        return last === want
      })
    } catch {
      assert.equal(last, want)
    }
  }

  before(async () => {
    cluster = await TestCluster.start()
    await applyDefinitions(cluster)
    for (const name of [rootNamespace, 'shop']) {
      await cluster.must(['create', 'namespace', name])
      await cluster.must(['label', 'namespace', name, 'istio-injection=enabled'])
      await cluster.must(['create', 'serviceaccount', 'default', '-n', name])
    }
    const text = JSON.stringify(mesh)
    const map = ['create', 'configmap', 'istio', '-n', rootNamespace]
    await cluster.must([...map, `--from-literal=mesh=${text}`])
    const [port = 0] = await freePorts(1)
    await startClusterController(rig, cluster, { name: 'one', port })
    await apply(JSON.stringify(injectionWebhook(rootNamespace, port)))
  })
  after(async () => {
    for (const stop of cleanUp) await stop()
    await cluster?.[Symbol.asyncDispose]()
  })

  it('begin with the mesh', () => become('mesh mesh'))

  it('are those of the ProxyConfig of the root namespace, key by key', async () => {
    await apply(proxyConfig(rootNamespace, 'root'))
    await become('root mesh root')
  })

  it('are those of the oldest, where several compete', async () => {
    const path = 'jsonpath={.metadata.creationTimestamp}'
    const made = (name: string) =>
      cluster.must(['get', 'proxyconfig', name, '-n', rootNamespace, '-o', path])
    // Names would have it otherwise. Times of objects are whole seconds.
    for (;;) {
      await apply(proxyConfig(rootNamespace, 'another'))
      if ((await made('another')) !== (await made('root'))) break
      await remove(rootNamespace, 'another')
    }
    await apply(proxyConfig('shop', 'marker'))
    await become('marker marker mesh root')
    await remove('shop', 'marker')
    await become('root mesh root')
    await remove(rootNamespace, 'root')
    await become('another another mesh')
    await remove(rootNamespace, 'another')
    await apply(proxyConfig(rootNamespace, 'root'))
    await become('root mesh root')
  })

  it('are those of its own namespace before', async () => {
    await apply(proxyConfig('shop', 'own'))
    await become('own mesh own root')
  })

  it('are those of the annotation before', async () => {
    const annotation = 'proxyMetadata: { LEVEL: annotation, OF_ANNOTATION: annotation }'
    await become('annotation annotation mesh own root', 'shop', annotation)
  })

  it('are those of a ProxyConfig that selects it before all', async () => {
    const annotation = 'proxyMetadata: { LEVEL: annotation, OF_ANNOTATION: annotation }'
    await apply(proxyConfig('shop', 'selecting', selector))
    await become('selecting annotation mesh own root selecting', 'shop', annotation)
    await apply(proxyConfig('shop', 'selecting', { matchLabels: { app: 'other' } }))
    await become('annotation annotation mesh own root', 'shop', annotation)
    await remove('shop', 'selecting')
  })

  it('are none of a ProxyConfig that selects from elsewhere, or selects nothing', async () => {
    await apply(proxyConfig(rootNamespace, 'afar', selector))
    await apply(proxyConfig('shop', 'empty', {}))
    await apply(proxyConfig('shop', 'selecting', selector))
    await become('selecting mesh own root selecting')
    await remove('shop', 'selecting')
    await become('own mesh own root')
    await remove(rootNamespace, 'afar')
    await remove('shop', 'empty')
  })

  it('know one level less in the root namespace', async () => {
    await become('root mesh root', rootNamespace)
    await apply(proxyConfig(rootNamespace, 'selecting', selector))
    await become('selecting mesh root selecting', rootNamespace)
    await remove(rootNamespace, 'selecting')
  })

  it('are refused with the line that makes no sense, in the words of kubectl', async () => {
    const { code, stderr } = await tryPod('shop', 'proxyMetadata:\n  A: b\n  B: true\n')
    assert.equal(code, 1)
    assert.match(
      stderr,
      /denied the request: meshdns cannot inject pod shop\/\S+: annotation proxy\.istio\.io\/config:3:6: error\[NOT_A_TEXT\]: proxyMetadata\.B: must be a text, not the unquoted true\n {2}hint: Put it in quotes: B: "true"/,
    )
  })
})
