import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { MeshPage } from '../../src/controller/pages/mesh-page.ts'
import type { Controller } from '../../src/controller/start-controller.ts'
import { ipFromOctets } from '../../src/ip/address.ts'
import { formatSocketAddress } from '../../src/ip/socket-address.ts'
import { sourceKinds } from '../../src/kubernetes/source/source-kinds.ts'
import { nameOfKind } from '../../src/kubernetes/watch/watched-kind.ts'
import { startControllerProcess } from '../../src/testing/controller-process.ts'
import { type DeltaClient, openDeltaClient } from '../../src/testing/delta-client.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { runCli } from '../../src/testing/run-cli.ts'
import { until } from '../../src/testing/until.ts'
import { applyDefinitions, startClusterController } from './cluster-ports.ts'
import { freePorts } from './free-ports.ts'
import { injectionWebhook } from './injection-webhook.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const namespace = 'istio-system'

function entry(name: string, spec: object): string {
  return JSON.stringify({
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ServiceEntry',
    metadata: { name, namespace: 'default' },
    spec,
  })
}

const external = (host: string) => ({
  hosts: [host],
  ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
  resolution: 'STATIC',
  endpoints: [{ address: '198.51.100.2' }],
})

function addressesOf(client: DeltaClient, host: string): readonly string[] {
  const type = client.addresses.get(`default/${host}`)?.type
  if (type?.case !== 'service') return []
  return type.value.addresses.map(({ address }) => ipFromOctets(address))
}

describe('controllers of a cluster', { skip }, () => {
  let cluster: TestCluster
  let webhooks: number
  const controllers: Controller[] = []
  const cleanUp: (() => unknown)[] = []
  const rig = { after: (stop: () => unknown) => void cleanUp.unshift(stop) }
  const clients: DeltaClient[] = []

  async function start(name: string, port: number): Promise<Controller> {
    const controller = await startClusterController(rig, cluster, { name, port })
    controllers.push(controller)
    const [where] = controller.addresses().plaintext
    assert.ok(where)
    clients.push(openDeltaClient(rig, where))
    return controller
  }

  async function page(controller: Controller, path: string): Promise<Response> {
    const headers = { connection: 'close' }
    return await fetch(`http://${formatSocketAddress(controller.pages)}${path}`, { headers })
  }

  before(async () => {
    cluster = await TestCluster.start()
    await applyDefinitions(cluster)
    await cluster.must(['create', 'namespace', namespace])
    const mesh = 'accessLogFile: /dev/stdout\n'
    await cluster.must([
      'create',
      'configmap',
      'istio',
      '-n',
      namespace,
      `--from-literal=mesh=${mesh}`,
    ])
    const [first = 0, second = 0] = await freePorts(2)
    webhooks = first
    await start('one', first)
    await start('two', second)
  })

  after(async () => {
    for (const stop of cleanUp) await stop()
    await cluster?.[Symbol.asyncDispose]()
  })

  it('tell everybody of a ServiceEntry with the address that stands in it', async () => {
    await cluster.must(['apply', '-f', '-'], entry('external-auto', external('auto.internal')))
    for (const client of clients) {
      await until(() => addressesOf(client, 'auto.internal').length === 2)
      assert.deepEqual(addressesOf(client, 'auto.internal'), ['240.240.0.1', '2001:2::1'])
    }
    const path = 'jsonpath={.status.addresses[*].value}'
    const text = await cluster.must(['get', 'serviceentry', 'external-auto', '-o', path])
    assert.equal(text, '240.240.0.1 2001:2::1')
  })

  it('tell of Services', async () => {
    await cluster.must(['create', 'service', 'clusterip', 'web', '--tcp=80'])
    const host = 'web.default.svc.cluster.local'
    for (const client of clients) await until(() => addressesOf(client, host).length > 0)
  })

  it('know whether a namespace that somebody names exists', async () => {
    const [controller] = controllers
    assert.ok(controller)
    const words = ['services', '--controller', formatSocketAddress(controller.pages), '-n']
    assert.equal((await runCli([...words, 'default'])).stderr, '')
    assert.match((await runCli([...words, 'nosuch'])).stderr, /^warning: .* no namespace nosuch;/)
  })

  it('show their pages', async () => {
    for (const controller of controllers) {
      assert.equal((await page(controller, '/healthz/ready')).status, 200)
      const shown = MeshPage.parse(await (await page(controller, '/debug/configz')).json())
      assert.ok(shown.services.some(({ host }) => host === 'auto.internal'))
      assert.deepEqual(
        shown.held.map(({ owner, v4 }) => [owner, v4]),
        [['default/auto.internal', '240.240.0.1']],
      )
      await eventually(async () => {
        const { items } = (await (await page(controller, '/health')).json()) as { items: unknown }
        assert.deepEqual(items, [])
      })
    }
  })

  it('list no kind of the mesh twice, whoever needs it', async () => {
    const [one] = controllers
    assert.ok(one)
    const metrics = await (await page(one, '/metrics')).text()
    for (const { watched } of sourceKinds) {
      const lists = `meshdns_kubernetes_lists_total{kind="${nameOfKind(watched)}"}`
      const line = metrics.split('\n').find((each) => each.startsWith(lists))
      assert.equal(line ?? `${lists} 1`, `${lists} 1`)
    }
  })

  it('follow what is said of the mesh, or say that it waits for a restart', async () => {
    const patch = (mesh: string) =>
      cluster.must([
        'patch',
        'configmap',
        'istio',
        '-n',
        namespace,
        '--type=merge',
        '-p',
        JSON.stringify({ data: { mesh } }),
      ])
    const [one] = controllers
    assert.ok(one)
    await patch('trustDomain: other.test\n')
    const health = async () => await (await page(one, '/health')).text()
    await eventually(async () => (await health()).includes('"detail": "trustDomain"'))
    await patch('trustDomain: [\n')
    await eventually(async () => (await health()).includes('CONTROLLER_MESH_CONFIG_MAP'))
    await patch('rootNamespace: istio-system\n')
    await eventually(async () => (await health()).includes('"status": "ok"'))
  })

  it('answer the API server', async () => {
    const configuration = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: `meshdns-validator-${namespace}` },
      webhooks: [
        {
          name: 'validation.meshdns.io',
          clientConfig: { url: `https://127.0.0.1:${webhooks}/validate` },
          rules: [
            {
              apiGroups: ['networking.istio.io'],
              apiVersions: ['*'],
              operations: ['CREATE', 'UPDATE'],
              resources: ['serviceentries'],
            },
          ],
          failurePolicy: 'Fail',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    }
    await cluster.apply(configuration)
    const wrong = {
      ...external('wrong.internal'),
      ports: [{ number: 80, name: 'x', protocol: 'Z' }],
    }
    await eventually(async () => {
      // One that is taken since nobody is asked yet would never be sent again.
      const words = ['apply', '--dry-run=server', '-f', '-']
      const { stderr } = await cluster.kubectl(words, entry('wrong', wrong))
      return /denied the request: ServiceEntry default\/wrong spec\.ports\[0\]\.protocol: .*\[E10\]/.test(
        stderr,
      )
    })
    await cluster.must(['delete', 'validatingwebhookconfiguration', configuration.metadata.name])
  })

  it('put the agent into pods of a namespace that asks for it', async () => {
    const configuration = injectionWebhook(namespace, webhooks)
    await cluster.must(['create', 'namespace', 'shop'])
    await cluster.must(['label', 'namespace', 'shop', 'istio-injection=enabled'])
    await cluster.must(['create', 'serviceaccount', 'default', '-n', 'shop'])
    await cluster.apply(configuration)
    const words = ['run', 'app', '-n', 'shop', '--image=app', '--dry-run=server', '-o', 'json']
    await eventually(async () => {
      const { stdout, stderr } = await cluster.kubectl(words)
      assert.match(stdout, /"istio-proxy"/, stderr)
    })
    await cluster.must(['delete', 'mutatingwebhookconfiguration', configuration.metadata.name])
  })

  it('go on without the one that led', async () => {
    const holder = () =>
      cluster.must([
        'get',
        'lease',
        'meshdns-controller',
        '-n',
        namespace,
        '-o',
        'jsonpath={.spec.holderIdentity}',
      ])
    const leader = await holder()
    assert.ok(leader === 'one' || leader === 'two')
    const at = leader === 'one' ? 0 : 1
    await controllers[at]?.stop()
    assert.notEqual(await holder(), leader)
    await cluster.must(['apply', '-f', '-'], entry('second', external('second.internal')))
    const left = clients[1 - at]
    assert.ok(left)
    await until(() => addressesOf(left, 'second.internal').length === 2)
    assert.deepEqual(addressesOf(left, 'second.internal'), ['240.240.0.2', '2001:2::2'])
    assert.deepEqual(addressesOf(left, 'auto.internal'), ['240.240.0.1', '2001:2::1'])
  })

  it('say in the status of a ServiceEntry that a Service goes before it, for as long as one does', async () => {
    await cluster.must(
      ['apply', '-f', '-'],
      entry('late', external('late.default.svc.cluster.local')),
    )
    const path = 'jsonpath={.status.conditions[*].reason}'
    const becomes = (want: string) =>
      eventually(async () => (await cluster.must(['get', 'se', 'late', '-o', path])) === want)
    await becomes('AddressesAllocated')
    await cluster.must(['create', 'service', 'clusterip', 'late', '--tcp=80'])
    await becomes('HostOfService')
    await cluster.must(['delete', 'service', 'late'])
    await becomes('AddressesAllocated')
    await cluster.must(['delete', 'se', 'late'])
  })

  it('run as a process, which lets go of the lease when it is told to stop', async () => {
    for (const controller of controllers) await controller.stop()
    const path = 'jsonpath={.spec.holderIdentity}'
    const lease = ['get', 'lease', 'meshdns-controller', '-n', namespace, '-o', path]
    assert.equal(await cluster.must(lease), '')
    const flags = ['--kubernetes', '--kubeconfig', cluster.kubeconfig]
    flags.push('--admission-addresses', '127.0.0.1:0', '--kubernetes-pod-name', 'three')
    const stateFolder = '/nonexistent/state'
    const process = await startControllerProcess(rig, { stateFolder, flags })
    await eventually(async () => (await cluster.must(lease)) === 'three')
    assert.equal(await process.end('SIGTERM'), 0)
    assert.equal(await cluster.must(lease), '')
  })
})
