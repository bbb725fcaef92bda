import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { NodeNetwork } from './node-network.ts'

/** A controller that is not there. */
const nobody = ['--controller', '127.0.0.1:9', '--controller-first-table-ms']

describe('a node agent that never had a table', { skip: networkTestsSkip() }, () => {
  let node: NodeNetwork

  before(async () => {
    node = await NodeNetwork.start('')
    node.putNamespace('default', { 'istio.io/dataplane-mode': 'ambient' })
    node.addPod({ name: 'one', last: 11, resolvConf: 'nameserver 192.0.2.53\n' })
  })
  after(() => node[Symbol.asyncDispose]())

  const pods = async (agent: Awaited<ReturnType<typeof node.startAgent>>) =>
    /^meshdns_node_pods\{state="(\w+)"\} 1$/m.exec(await agent.metrics())?.[1]

  it('lets pods resolve as before, while one may still come', async () => {
    const agent = await node.startAgent(...nobody, '600000')
    await eventually(async () => assert.equal(await pods(agent), 'waiting'))
    assert.equal(await node.rules('one'), '')
    assert.equal(await node.dig('one', 'host.up.test'), '203.0.113.4')
    await agent.end('SIGTERM')
  })

  it('serves them without one in the end', async () => {
    const agent = await node.startAgent(...nobody, '1')
    await eventually(async () => assert.equal(await pods(agent), 'served'))
    assert.equal(await node.dig('one', 'host.up.test'), '203.0.113.4')
  })
})
