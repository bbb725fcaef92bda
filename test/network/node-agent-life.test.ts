import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { meshEntries } from './mesh-entries.ts'
import {
  descriptorsOfStore,
  NodeNetwork,
  type NodeProcess,
  type OwnProcess,
} from './node-network.ts'
import { startScript } from './scripted.ts'

const resolvConf = 'nameserver 192.0.2.53\n'
const pods = ['one', 'two', 'three'] as const
/** Pods, namespaces and Sidecars. */
const watchedKinds = 3
/** Enough to see what each leaves. */
const crowd = 100

describe('a node agent', { skip: networkTestsSkip(), timeout: 600_000 }, () => {
  let node: NodeNetwork
  let agent: NodeProcess
  let store: OwnProcess
  /** Descriptors of a store that holds nothing. */
  let bare: number

  const startAgent = (...flags: readonly string[]) =>
    node.startAgent('--node-socket-store', node.storeFolder, ...flags)

  before(async () => {
    node = await NodeNetwork.start(meshEntries)
    node.putNamespace('default', { 'istio.io/dataplane-mode': 'ambient' })
    for (const [at, name] of pods.entries()) node.addPod({ name, last: 11 + at, resolvConf })
    // Tests kill agents faster than one comes to be trusted.
    store = await node.startStore('--patience-seconds', '600')
    bare = store.descriptors()
    agent = await startAgent()
    await eventually(() => servedBy(agent, pods.length))
  })
  after(() => node[Symbol.asyncDispose]())

  it('fails no client that tries twice, killed and started again and again', async (test) => {
    const words = ['patient-prober-main', '192.0.2.53', '240.240.0.1']
    const names = ['auto.mesh.test', 'host.up.test']
    const probers = await Promise.all(
      pods.map((pod) => startScript(node.hosts, pod, [...words, ...names])),
    )
    for (let times = 0; times < 3; times += 1) {
      await agent.end('SIGKILL')
      const killedMs = performance.now()
      // What was served before is served again when this returns, without the cluster.
      node.api.fail({ status: 500 })
      try {
        agent = await startAgent()
        test.diagnostic(`back after ${Math.round(performance.now() - killedMs)} ms`)
        for (const pod of pods) assert.equal(await node.dig(pod, 'auto.mesh.test'), '240.240.0.1')
      } catch (error) {
        test.diagnostic(agent.stdout.text)
        throw error
      } finally {
        node.api.heal()
      }
      await eventually(() => servedBy(agent, pods.length))
      // No try of a client meets two agents that are killed.
      for (const { child, stdout } of probers) {
        child.kill('SIGUSR2')
        await stdout.line(/^settled$/, times + 1)
      }
    }
    for (const { child, ended, stdout } of probers) {
      child.kill('SIGTERM')
      await ended
      for (const kind of ['udp', 'tcp', 'page']) {
        assert.match(stdout.text, new RegExp(`^${kind} tried [1-9]\\d* again \\d+ lost 0$`, 'm'))
      }
      test.diagnostic(stdout.lines.slice(-3).join(', '))
    }
  })

  it('lets go of what is gone, while the others are served', async () => {
    await eventually(() => servedBy(agent, pods.length))
    await eventually(() => holdsAll())
    const before = await settled(node, agent)
    node.addPod({ name: 'brief', last: 20, resolvConf })
    await eventually(() => servedBy(agent, pods.length + 1))
    assert.equal(await node.dig('brief', 'auto.mesh.test'), '240.240.0.1')
    node.removeNetwork('brief')
    await eventually(() => servedBy(agent, pods.length))
    node.api.remove('pods', 'default/brief')
    await eventually(async () => assert.ok(agent.descriptors() <= before))
    await eventually(() => holdsAll())
    assert.equal(await node.dig('one', 'auto.mesh.test'), '240.240.0.1')
  })

  it('takes no rules away that the next agent needs, when it is told so', async () => {
    await agent.end('SIGTERM')
    agent = await startAgent('--node-on-stop', 'keep')
    await eventually(() => servedBy(agent, pods.length))
    await agent.end('SIGTERM')
    assert.equal(await node.rules('one'), 'table inet meshdns')
    agent = await startAgent()
    assert.equal(await node.dig('one', 'auto.mesh.test'), '240.240.0.1')
  })

  it(`is as it was after ${crowd} pods`, async (test) => {
    await eventually(() => servedBy(agent, pods.length))
    await eventually(() => holdsAll())
    const before = { descriptors: await settled(node, agent), mib: agent.residentMib() }
    const names = Array.from({ length: crowd }, (_, at) => `p${at}`)
    for (const [at, name] of names.entries()) {
      node.addPod({ name, last: 100 + at, resolvConf })
    }
    await eventually(() => servedBy(agent, pods.length + crowd))
    test.diagnostic(`${(agent.residentMib() - before.mib).toFixed(1)} MiB for ${crowd} pods`)
    test.diagnostic(`the store has ${store.residentMib().toFixed(1)} MiB`)
    for (const name of names) node.api.remove('pods', `default/${name}`)
    await eventually(() => servedBy(agent, pods.length))
    for (const name of names.slice(-3)) {
      await eventually(async () => assert.equal(await node.rules(name), ''))
    }
    await eventually(async () => assert.ok(agent.descriptors() <= before.descriptors))
    await eventually(() => holdsAll())
    assert.match(await agent.metrics(), /^meshdns_node_views 1$/m)
  })

  /** The store, and nothing that is gone. */
  function holdsAll(): void {
    assert.equal(store.descriptors(), descriptorsOfStore(bare, pods.length))
  }
})

async function servedBy(agent: NodeProcess, count: number): Promise<void> {
  assert.match(
    await agent.metrics(),
    new RegExp(`^meshdns_node_pods\\{state="served"\\} ${count}$`, 'm'),
  )
}

/** Descriptors while all kinds are watched and nothing is under way: the fewest that were seen. */
async function settled({ api }: NodeNetwork, agent: NodeProcess): Promise<number> {
  await eventually(() => api.streams() === watchedKinds)
  let fewest = agent.descriptors()
  for (let times = 0; times < 5; times += 1) {
    await agent.page('/healthz/live')
    fewest = Math.min(fewest, agent.descriptors())
  }
  return fewest
}
