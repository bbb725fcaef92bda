import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { valueAt } from '../../src/config/layer.ts'
import { jsonPatch } from '../../src/documents/json-patch.ts'
import { isPlainMap, type PlainMap, textAt } from '../../src/documents/plain-map.ts'
import { injectPod } from '../../src/inject/inject-pod.ts'
import type { Pod } from '../../src/inject/pod-parts.ts'
import { readInjectionCase } from '../../src/testing/injection-case.ts'
import { root } from '../architecture/tree.ts'
import { applyDefinitions } from './cluster-ports.ts'
import { clusterTestsSkip } from './programs.ts'
import { installation } from './rights/guarded-mesh.ts'
import { runProgram } from './run-program.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()
const folder = join(root, 'src/inject/golden')

const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => {
    const request = readInjectionCase(readFileSync(join(folder, file), 'utf8'), file)
    return { name: file.replace('.in.yaml', ''), request, outcome: injectPod(request) }
  })
  .filter(({ outcome }) => outcome.kind === 'injected')

/** What Pod Security has against a pod whose DNS is caught. */
const faultsBy = {
  restricted:
    'unrestricted capabilities (container istio-init must not include NET_ADMIN, NET_RAW in securityContext.capabilities.add), ' +
    'runAsNonRoot != true (container istio-init must not set securityContext.runAsNonRoot=false), ' +
    'runAsUser=0 (container istio-init must not set runAsUser=0)',
  baseline:
    'non-default capabilities (container istio-init must not include NET_ADMIN, NET_RAW in securityContext.capabilities.add)',
}

/** Where something that was wanted is not there; lists may have more at their end. */
function missing(wanted: unknown, there: unknown, at = ''): readonly string[] {
  if (Array.isArray(wanted) && Array.isArray(there)) {
    return wanted.flatMap((one, index) => missing(one, there[index], `${at}[${index}]`))
  }
  if (isPlainMap(wanted) && isPlainMap(there)) {
    return Object.entries(wanted).flatMap(([key, one]) => missing(one, there[key], `${at}.${key}`))
  }
  return wanted === there ? [] : [`${at}: ${JSON.stringify(wanted)} is ${JSON.stringify(there)}`]
}

describe('injected pods at an API server', { skip, timeout: 600_000 }, () => {
  let cluster: TestCluster

  async function makeNamespace(name: string, labels: PlainMap = {}): Promise<void> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
    await cluster.must(['create', '-f', '-'], JSON.stringify(namespace))
    await cluster.must(['create', 'serviceaccount', 'default', '-n', name])
  }

  /** What the API server would keep of a pod; fields that it does not know are errors. */
  function tryPod(namespace: string, { metadata, ...pod }: Pod) {
    const { name = 'cart', ownerReferences: _, generateName: _g, ...more } = metadata as PlainMap
    const object = JSON.stringify({ ...pod, metadata: { ...more, name } })
    const words = [
      '-n',
      namespace,
      '--dry-run=server',
      '--validate=strict',
      '-o',
      'json',
      '-f',
      '-',
    ]
    return cluster.kubectl(['create', ...words], object)
  }

  before(async () => {
    cluster = await TestCluster.start()
    await makeNamespace('shop')
    for (const level of Object.keys(faultsBy)) {
      await makeNamespace(level, { 'pod-security.kubernetes.io/enforce': level })
    }
  })
  after(() => cluster?.[Symbol.asyncDispose]())

  for (const { name, request, outcome } of cases) {
    it(`are kept as they are: ${name}`, async () => {
      assert.ok(outcome.kind === 'injected')
      const { code, stdout, stderr } = await tryPod('shop', outcome.pod)
      assert.equal(code, 0, stderr)
      const kept = JSON.parse(stdout) as Pod
      assert.deepEqual(missing(outcome.pod['spec'], kept['spec']), [])
      // As a reinvoked webhook sees it: with all defaults, and what else the API server puts into containers.
      const { metadata } = outcome.pod
      const second = injectPod({ ...request, pod: { ...kept, metadata } })
      assert.ok(second.kind === 'injected')
      assert.deepEqual(jsonPatch({ ...kept, metadata }, second.pod), [])
    })
  }

  /** A pod of somebody who wants no rights, with the agent. */
  function injectedInto(name: string): Pod {
    const found = cases.find((one) => one.name === name)
    assert.ok(found)
    const securityContext = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    }
    const app = { name: 'app', image: 'app', securityContext }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [app] } }
    const outcome = injectPod({ ...found.request, pod })
    assert.ok(outcome.kind === 'injected')
    return outcome.pod
  }

  it('need no more rights than any application has, where nothing is caught', async () => {
    const { code, stderr } = await tryPod('restricted', injectedInto('capture-off'))
    assert.equal(code, 0, stderr)
  })

  it('need two capabilities and root in istio-init, and nothing else, where DNS is caught', async () => {
    for (const [level, want] of Object.entries(faultsBy)) {
      const { stderr } = await tryPod(level, injectedInto('page'))
      const said = stderr.trim().replaceAll('"', '')
      assert.equal(said.split(`violates PodSecurity ${level}:latest: `)[1], want)
    }
  })

  it('are not what controllers are: they pass where all rights are refused', async () => {
    const [deployment] = installation().workload.filter(({ kind }) => kind === 'Deployment')
    const { spec } = valueAt(deployment, ['spec', 'template']) as PlainMap
    const own = { ...(spec as PlainMap), serviceAccountName: 'default' }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: own }
    const { code, stderr } = await tryPod('restricted', pod)
    assert.equal(code, 0, stderr)
  })

  it('are made by kube-inject of what the cluster says', async () => {
    const put = (name: string, key: string, text: string) => {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'mesh' } }
      return cluster.must(
        ['create', '-f', '-'],
        JSON.stringify({ ...object, data: { [key]: text } }),
      )
    }
    await makeNamespace('mesh')
    const on = { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } }
    await put('istio', 'mesh', JSON.stringify({ defaultConfig: on }))
    await put('istio-sidecar-injector', 'values', '{ "global": { "hub": "example.com/own" } }')
    await applyDefinitions(cluster)
    const config = {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'ProxyConfig',
      metadata: { name: 'all', namespace: 'mesh' },
      spec: { environmentVariables: { FROM_OBJECT: 'yes' } },
    }
    await cluster.must(['create', '-f', '-'], JSON.stringify(config))
    const pod = 'kind: Pod\napiVersion: v1\nspec: { containers: [{ name: app, image: app }] }\n'
    const words = ['kube-inject', '-f', '-', '-i', 'mesh', '--kubeconfig', cluster.kubeconfig]
    const argv = [process.execPath, join(root, 'src/cli/main.ts'), ...words]
    const { code, stdout, stderr } = await runProgram(argv, { env: {}, input: pod })
    assert.equal(code, 0, stderr)
    const [document] = parseAllDocuments(stdout)
    assert.ok(document)
    const { spec } = document.toJS() as { spec: { initContainers: readonly PlainMap[] } }
    assert.deepEqual(
      spec.initContainers.map((one) => textAt(one, 'name')),
      ['istio-init', 'istio-proxy'],
    )
    assert.match(stdout, /image: example\.com\/own\/meshdns:/)
    assert.match(stdout, /name: FROM_OBJECT\n +value: "yes"/)
    assert.match(stdout, /istiod\.mesh\.svc:15012/)
  })
})
