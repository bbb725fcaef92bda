import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { renderChart } from '../../scripts/chart/render-chart.ts'
import { readInstallConfig } from '../../src/config/install-config.ts'
import type { PlainMap } from '../../src/documents/plain-map.ts'
import { allManifests, renderManifests } from '../../src/install/cluster/render/manifests.ts'
import { readTree, root } from '../architecture/tree.ts'
import { fillTemplate } from './go-template.ts'

const folder = join(root, 'packaging/helm/meshdns')
const { version } = parse(readFileSync(join(folder, 'Chart.yaml'), 'utf8')) as { version: string }

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8')
}

/** What Helm would apply. */
function objectsOf(values: PlainMap): readonly PlainMap[] {
  const defaults = parse(read('values.yaml')) as PlainMap
  const data = {
    Values: { ...defaults, ...values },
    Release: { Namespace: 'istio-system', Service: 'meshdns' },
    Chart: { AppVersion: version },
  }
  const templates = [...renderChart().keys()].filter((path) => path.startsWith('templates/'))
  return templates.flatMap((path) =>
    parseAllDocuments(fillTemplate(read(path), data))
      .map((one) => one.toJS() as PlainMap | null)
      .filter((one) => one !== null),
  )
}

function installed(spec: PlainMap): readonly PlainMap[] {
  const operator = { apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec }
  const files = [{ file: 'iop.yaml', text: JSON.stringify(operator) }]
  const { config } = readInstallConfig({ files, sets: [], target: 'cluster' })
  assert.ok(config)
  return allManifests(renderManifests(config, version))
}

/** By kind and name, texts of ConfigMaps as values. */
function byName(objects: readonly PlainMap[]) {
  const shown = objects.filter(
    ({ kind }) => kind !== 'Namespace' && kind !== 'CustomResourceDefinition',
  )
  return new Map(
    shown.map((object) => {
      const { kind, metadata, data } = object as PlainMap & { metadata: { name: string } }
      const texts = Object.entries((data ?? {}) as Record<string, string>)
      const values = Object.fromEntries(texts.map(([key, text]) => [key, parse(text) as unknown]))
      return [`${String(kind)} ${metadata.name}`, { ...object, data: values }]
    }),
  )
}

describe('the Helm chart', () => {
  it('is what the code says (npm run chart)', () => {
    const rendered = renderChart()
    for (const [path, text] of rendered) assert.equal(read(path), text, path)
    const found = readTree(['packaging/helm/meshdns'], ['.yaml']).map(({ path }) =>
      relative(folder, join(root, path)),
    )
    assert.deepEqual(found.toSorted(), [...rendered.keys()].toSorted())
  })

  it('applies what meshdns install applies', () => {
    const got = byName(objectsOf({}))
    const want = byName(installed({}))
    assert.deepEqual([...got.keys()].toSorted(), [...want.keys()].toSorted())
    for (const [name, object] of want) {
      if (name === 'ConfigMap istio-sidecar-injector') continue
      const data =
        name === 'ConfigMap istio'
          ? { mesh: { ...meshOf(object), ...proxyMetadata(object) } }
          : object.data
      assert.deepEqual(got.get(name), { ...object, data }, name)
    }
  })

  it('takes values where an IstioOperator has them', () => {
    const shared = {
      nodeSelector: { mesh: 'yes' },
      tolerations: [{ key: 'mesh', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      resources: { limits: { memory: '1Gi' } },
    }
    const meshConfig = { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } } }
    const got = byName(
      objectsOf({
        ...shared,
        replicaCount: 3,
        priorityClassName: 'high',
        hub: 'registry.example',
        tag: 'v7',
        env: { PILOT_DEBOUNCE_MAX: '5s' },
        imagePullSecrets: [{ name: 'registry' }],
        meshConfig,
      }),
    )
    const want = byName(
      installed({
        meshConfig,
        hub: 'registry.example',
        tag: 'v7',
        components: { pilot: { k8s: { ...shared, replicaCount: 3, priorityClassName: 'high' } } },
        values: {
          global: { imagePullSecrets: ['registry'] },
          pilot: { env: { PILOT_DEBOUNCE_MAX: '5s' } },
        },
      }),
    )
    for (const name of ['Deployment meshdns-controller', 'ConfigMap istio']) {
      assert.deepEqual(got.get(name), want.get(name))
    }
  })

  const ofNodes = [
    'ClusterRole meshdns-node-istio-system',
    'ClusterRoleBinding meshdns-node-istio-system',
    'DaemonSet meshdns-node',
    'ServiceAccount meshdns-node',
  ]

  it('has node agents where they are wanted, as the profile ambient', () => {
    const got = byName(objectsOf({ nodeAgents: true }))
    const want = byName(installed({ profile: 'ambient' }))
    assert.deepEqual([...got.keys()].toSorted(), [...want.keys()].toSorted())
    for (const name of ofNodes) assert.deepEqual(got.get(name), want.get(name), name)
  })

  it('tells node agents what the IstioOperator would', () => {
    const meshConfig = { trustDomain: 'mesh.example', rootNamespace: 'roots' }
    const global = {
      caAddress: 'ca.example:15012',
      proxy: { clusterDomain: 'k8s.corp' },
      multiCluster: { clusterName: 'north' },
    }
    const hub = 'registry.example'
    const imagePullSecrets = [{ name: 'registry' }]
    const [name, value] = ['MESHDNS_SOCKET_STORE_PATIENCE_SECONDS', '60']
    const got = byName(
      objectsOf({
        nodeAgents: true,
        nodeEnv: { [name]: value },
        hub,
        imagePullSecrets,
        meshConfig,
        global,
      }),
    ).get('DaemonSet meshdns-node')
    const want = byName(
      installed({
        profile: 'ambient',
        hub,
        meshConfig,
        values: { global: { ...global, imagePullSecrets: ['registry'] } },
        components: { ztunnel: { k8s: { env: [{ name, value }] } } },
      }),
    ).get('DaemonSet meshdns-node')
    assert.ok(want)
    assert.deepEqual(got, want)
  })

  const hasHelm = spawnSync('helm', ['version']).status === 0

  it('is without fault for helm lint', { skip: !hasHelm && 'needs helm' }, () => {
    const lint = spawnSync('helm', ['lint', '--strict', folder], { encoding: 'utf8' })
    assert.equal(lint.status, 0, lint.stdout + lint.stderr)
    const words = ['template', 'mesh', folder, '--namespace', 'istio-system']
    const { stdout, stderr, status } = spawnSync('helm', words, { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    const names = (objects: readonly PlainMap[]) => [...byName(objects).keys()].toSorted()
    const objects = parseAllDocuments(stdout).map((one) => one.toJS() as PlainMap)
    assert.deepEqual(names(objects), names(installed({})))
  })
})

function meshOf({ data }: { readonly data: Record<string, unknown> }): PlainMap {
  return data['mesh'] as PlainMap
}

/** The chart has an empty map where nobody says anything. */
function proxyMetadata(object: { readonly data: Record<string, unknown> }): PlainMap {
  const { defaultConfig } = meshOf(object)
  return { defaultConfig: { ...(defaultConfig as PlainMap), proxyMetadata: {} } }
}
