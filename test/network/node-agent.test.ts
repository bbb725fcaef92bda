import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { meshEntries } from './mesh-entries.ts'
import { NodeNetwork, type NodeProcess } from './node-network.ts'

const up1 = 'nameserver 192.0.2.53\n'
const up2 = 'nameserver 192.0.2.54\n'
const ambient = { 'istio.io/dataplane-mode': 'ambient' }

const cluster = `apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec: { clusterIP: 10.0.0.7, ports: [{ name: sql, port: 5432 }] }
---
`

describe('one agent for the pods of a node', { skip: networkTestsSkip(), timeout: 600_000 }, () => {
  let node: NodeNetwork
  let agent: NodeProcess

  const startAgent = () => node.startAgent('--cluster-domain', 'k8s.corp')

  before(async () => {
    node = await NodeNetwork.start(cluster + meshEntries)
    node.putNamespace('default', ambient)
    node.putNamespace('shop', ambient)
    node.putNamespace('plain')
    node.addPod({ name: 'web', last: 11, resolvConf: `${up1}search up.test\n` })
    node.addPod({
      name: 'till',
      namespace: 'shop',
      last: 12,
      resolvConf: `${up2}search shop.svc.k8s.corp svc.k8s.corp k8s.corp\noptions ndots:5\n`,
    })
    // As of policy None: no server of the cluster, no search list.
    node.addPod({ name: 'own', namespace: 'plain', last: 13, resolvConf: up2, labels: ambient })
    node.addPod({
      name: 'left',
      last: 14,
      resolvConf: up1,
      labels: { 'istio.io/dataplane-mode': 'none' },
    })
    node.addPod({
      name: 'silent',
      last: 15,
      resolvConf: up1,
      annotations: { 'ambient.istio.io/dns-capture': 'false' },
    })
    agent = await startAgent()
    await eventually(() => served(agent, 3)).catch((error: unknown) => {
      throw new Error(agent.stdout.text, { cause: error })
    })
  })
  after(() => node[Symbol.asyncDispose]())

  it('answers each pod with the names of the mesh', async () => {
    for (const pod of ['web', 'till', 'own']) {
      assert.equal(await node.dig(pod, 'auto.mesh.test'), '240.240.0.1', pod)
    }
  })
  it('asks the servers that each pod has itself, and goes by its search list', async () => {
    assert.equal(await node.dig('web', 'whoami.up.test', 'TXT'), '"up1"')
    assert.equal(await node.dig('till', 'whoami.up.test', 'TXT'), '"up2"')
    assert.equal(await node.dig('own', 'whoami.up.test', 'TXT'), '"up2"')
    assert.equal(await node.dig('web', '+search', 'whoami', 'TXT'), '"up1"')
    assert.equal(await node.dig('own', '+search', 'whoami', 'TXT'), '')
  })

  it('knows the short names of a pod of the cluster, in its domain', async () => {
    assert.equal(await node.dig('till', '+search', 'db'), '10.0.0.7')
    assert.equal(await node.dig('till', 'auto.mesh.test.svc.k8s.corp'), '240.240.0.1')
    await node.askedOf('up1')
    assert.equal(await node.dig('web', '+search', 'db'), '203.0.113.4')
    assert.deepEqual(await node.askedOf('up1'), ['db.up.test. A udp'])
  })

  it('carries connections to virtual addresses from inside of each pod', async () => {
    for (const pod of ['web', 'till', 'own']) {
      for (const family of ['-4', '-6']) {
        const page = await node.hosts.run(pod, ['curl', '-sS', family, 'http://auto.mesh.test/'])
        assert.equal(page.stdout, 'page auto.mesh.test\n', `${pod} ${family}: ${page.stderr}`)
      }
    }
  })

  it('sends a question for another server there', async () => {
    assert.equal(await node.dig('web', '@192.0.2.54', 'whoami.up.test', 'TXT'), '"up2"')
  })

  it('leaves alone who does not take part', async () => {
    for (const pod of ['left', 'silent']) {
      assert.equal(await node.rules(pod), '', pod)
      assert.equal(await node.dig(pod, 'auto.mesh.test'), '', pod)
    }
    const { left } = (await agent.page('/debug/podz')) as { left: unknown }
    assert.deepEqual(left, { 'default/left': 'opted out', 'default/silent': 'DNS capture off' })
  })

  it('follows what becomes of a pod', async () => {
    node.putPod({ name: 'left', last: 14, resolvConf: up1 })
    await eventually(async () =>
      assert.equal(await node.dig('left', 'auto.mesh.test'), '240.240.0.1'),
    )
    node.putPod({
      name: 'left',
      last: 14,
      resolvConf: up1,
      labels: { 'istio.io/dataplane-mode': 'none' },
    })
    await eventually(async () => assert.equal(await node.rules('left'), ''))
    assert.equal(await node.dig('left', 'auto.mesh.test'), '')
    node.hosts.setResolvConf('web', up2)
    await eventually(async () =>
      assert.equal(await node.dig('web', 'whoami.up.test', 'TXT'), '"up2"'),
    )
    node.hosts.setResolvConf('web', `${up1}search up.test\n`)
  })

  it('applies the Sidecar of a pod', async () => {
    node.api.put('sidecars', {
      metadata: { name: 'narrow', namespace: 'shop' },
      spec: { egress: [{ hosts: ['*/plain.mesh.test'] }] },
    })
    await eventually(async () => assert.equal(await node.dig('till', 'auto.mesh.test'), ''))
    assert.equal(await node.dig('till', 'plain.mesh.test'), '198.51.100.1')
    assert.equal(await node.dig('web', 'auto.mesh.test'), '240.240.0.1')
    node.api.remove('sidecars', 'shop/narrow')
    await eventually(async () =>
      assert.equal(await node.dig('till', 'auto.mesh.test'), '240.240.0.1'),
    )
  })

  it('counts for all pods together', async () => {
    const metrics = await agent.metrics()
    assert.match(metrics, /^meshdns_node_pods\{state="served"\} 3$/m)
    assert.match(metrics, /^meshdns_node_pods\{state="failed"\} 0$/m)
    const [, requests] = /^istio_agent_dns_requests_total (\d+)$/m.exec(metrics) ?? []
    assert.ok(Number(requests) > 10, metrics)
  })

  it('takes no pod over before it knows what it may see, and remembers that for the next agent', async () => {
    node.api.put('sidecars', {
      metadata: { name: 'narrow', namespace: 'shop' },
      spec: { egress: [{ hosts: ['*/plain.mesh.test'] }] },
    })
    await agent.end('SIGTERM')
    node.forget()
    node.api.fail({ status: 500, only: ({ path }) => path.endsWith('/sidecars') })
    agent = await startAgent()
    await eventually(async () => {
      const watches = node.api.requests.filter(({ isWatch }) => isWatch)
      assert.equal(watches.length, 2)
    })
    await served(agent, 0)
    node.api.heal()
    await eventually(() => served(agent, 3))
    assert.equal(await node.dig('till', 'auto.mesh.test'), '')
    assert.equal(await node.dig('till', 'plain.mesh.test'), '198.51.100.1')
    await agent.end('SIGKILL')
    node.api.fail({ status: 500 })
    agent = await startAgent()
    await eventually(() => served(agent, 3))
    assert.equal(await node.dig('till', 'auto.mesh.test'), '')
    assert.equal(await node.dig('till', 'plain.mesh.test'), '198.51.100.1')
    node.api.heal()
    node.api.remove('sidecars', 'shop/narrow')
    await eventually(async () =>
      assert.equal(await node.dig('till', 'auto.mesh.test'), '240.240.0.1'),
    )
  })

  it('takes its rules away when it is stopped', async () => {
    await agent.end('SIGTERM')
    for (const pod of ['web', 'till', 'own']) assert.equal(await node.rules(pod), '', pod)
    assert.equal(await node.dig('web', 'whoami.up.test', 'TXT'), '"up1"')
  })
})

async function served(agent: NodeProcess, count: number): Promise<void> {
  const { pods } = (await agent.page('/debug/podz')) as { pods: readonly { state: string }[] }
  assert.deepEqual(
    pods.map(({ state }) => state),
    Array.from({ length: count }, () => 'served'),
  )
}
