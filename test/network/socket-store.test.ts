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

const resolvConf = 'nameserver 192.0.2.53\n'
const pods = ['one', 'two'] as const

describe('the socket store of a node', { skip: networkTestsSkip(), timeout: 600_000 }, () => {
  let node: NodeNetwork
  let agent: NodeProcess
  let store: OwnProcess
  /** Descriptors of a store that holds nothing. */
  let bare: number

  before(async () => {
    node = await NodeNetwork.start(meshEntries)
    node.putNamespace('default', { 'istio.io/dataplane-mode': 'ambient' })
    for (const [at, name] of pods.entries()) node.addPod({ name, last: 11 + at, resolvConf })
  })
  after(() => node[Symbol.asyncDispose]())

  const startAgent = async () => {
    agent = await node.startAgent('--node-socket-store', node.storeFolder)
  }

  /** Not refused, and answered by the next agent. */
  const asksThroughRestart = async (pod: string) => {
    const options = ['+short', '+tries=1', '+time=60']
    await agent.end('SIGKILL')
    const asked = node.hosts.run(pod, ['dig', ...options, 'auto.mesh.test'])
    await startAgent()
    assert.equal((await asked).stdout.trim(), '240.240.0.1')
  }

  it('may be missing: pods are served, and a problem says so', async () => {
    await startAgent()
    await eventually(() => allAreServed())
    assert.equal(await node.dig('one', 'auto.mesh.test'), '240.240.0.1')
    await eventually(async () => assert.deepEqual(await problems(), ['NODE_SOCKET_STORE_AWAY']))
  })

  it('is given everything when it comes later', async () => {
    store = await node.startStore()
    bare = store.descriptors()
    await eventually(async () => assert.deepEqual(await problems(), []))
    await eventually(async () => assert.ok(store.descriptors() > bare))
    await eventually(() => holdsAll())
    await asksThroughRestart('one')
  })

  it('is given everything again when it is killed and comes back', async () => {
    await store.end('SIGKILL')
    assert.equal(await node.dig('one', 'auto.mesh.test'), '240.240.0.1')
    store = await node.startStore()
    await eventually(() => holdsAll())
    await asksThroughRestart('two')
  })

  it('costs no pod its names when it answers late, not even without the cluster', async () => {
    await eventually(() => allAreServed())
    await eventually(() => holdsAll())
    await agent.end('SIGKILL')
    node.api.fail({ status: 500 })
    store.child.kill('SIGSTOP')
    await startAgent()
    store.child.kill('SIGCONT')
    await eventually(() => allAreServed())
    for (const pod of pods) assert.equal(await node.dig(pod, 'auto.mesh.test'), '240.240.0.1')
    node.api.heal()
  })

  it('does not keep what is gone when the next agent has come', async () => {
    await eventually(() => allAreServed())
    await eventually(() => holdsAll())
    node.addPod({ name: 'brief', last: 20, resolvConf })
    await eventually(() => allAreServed(3))
    await eventually(() => holdsAll(3))
    await agent.end('SIGKILL')
    node.removeNetwork('brief')
    node.api.remove('pods', 'default/brief')
    await startAgent()
    await eventually(() => allAreServed())
    await eventually(() => holdsAll())
  })

  it('holds nothing after an agent that is stopped', async () => {
    await agent.end('SIGTERM')
    await eventually(async () => assert.equal(store.descriptors(), bare))
    assert.equal(await node.rules('one'), '')
  })

  it('lets pods go when no agent comes, and the next agent takes them up again', async () => {
    await store.end('SIGTERM')
    store = await node.startStore('--patience-seconds', '1')
    await startAgent()
    await eventually(() => allAreServed())
    await eventually(() => holdsAll())
    await agent.end('SIGKILL')
    await store.stdout.line(/"a pod is let go: it resolves as without us"/)
    for (const pod of pods) await eventually(async () => assert.equal(await node.rules(pod), ''))
    assert.equal(await node.dig('one', 'whoami.up.test', 'TXT'), '"up1"')
    await eventually(async () => assert.equal(store.descriptors(), bare))
    await startAgent()
    await eventually(() => allAreServed())
    for (const pod of pods) assert.equal(await node.dig(pod, 'auto.mesh.test'), '240.240.0.1')
    await eventually(() => holdsAll())
  })

  it('lets pods go when it is stopped while there is no agent', async () => {
    await store.end('SIGKILL')
    store = await node.startStore('--patience-seconds', '600')
    await eventually(() => holdsAll())
    await agent.end('SIGKILL')
    await store.stdout.line(/"pods wait for an agent"/)
    assert.equal(await node.rules('one'), 'table inet meshdns')
    await store.end('SIGTERM')
    for (const pod of pods) assert.equal(await node.rules(pod), '')
  })

  async function allAreServed(count: number = pods.length): Promise<void> {
    const served = new RegExp(`^meshdns_node_pods\\{state="served"\\} ${count}$`, 'm')
    assert.match(await agent.metrics(), served)
  }

  async function holdsAll(count: number = pods.length): Promise<void> {
    assert.equal(store.descriptors(), descriptorsOfStore(bare, count))
  }

  async function problems(): Promise<readonly string[]> {
    const { items } = (await agent.page('/health')) as { items: readonly { code: string }[] }
    return items.map(({ code }) => code)
  }
})
