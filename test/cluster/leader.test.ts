import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { Health } from '../../src/base/health.ts'
import { silentLog } from '../../src/base/log.ts'
import { createRandom } from '../../src/base/random.ts'
import { type ApiCall, ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { openKubeconfig } from '../../src/kubernetes/client/kubeconfig-access.ts'
import { LeaderElector } from '../../src/kubernetes/leader/leader-elector.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

describe('leaders by a Lease of a real cluster', { skip }, () => {
  let cluster: TestCluster
  before(async () => {
    cluster = await TestCluster.start()
  })
  after(async () => cluster?.[Symbol.asyncDispose]())

  /** One who can be cut off from the API server. */
  const join = async (identity: string) => {
    const real = new ClusterClient(openKubeconfig({ kubeconfig: cluster.kubeconfig, context: '' }))
    const line = { isCut: false }
    const client = {
      async call(call: ApiCall) {
        if (line.isCut) throw new Error('the line is cut')
        return real.call(call)
      },
    }
    const elector = new LeaderElector(
      {
        leaseSeconds: 3,
        renewDeadlineSeconds: 2,
        retrySeconds: 0.5,
        namespace: 'default',
        name: 'meshdns-controller',
        identity,
      },
      { client, clock: systemClock, log: silentLog, health: new Health(), random: createRandom() },
    )
    return { elector, line }
  }

  it('never are two at a time, however often one is cut off or stopped', async () => {
    const all = [await join('one'), await join('two'), await join('three')]
    const reigns: string[] = []
    for (const { elector } of all) {
      elector.follow((leads) => {
        if (leads) reigns.push(elector.identity)
        assert.ok(all.filter((one) => one.elector.leads).length <= 1)
      })
      await elector.start()
    }
    const leading = () => all.find(({ elector }) => elector.leads)
    const first = leading()
    assert.equal(first?.elector.identity, 'one')
    first.line.isCut = true
    await eventually(async () => assert.ok(leading() && leading() !== first))
    first.line.isCut = false
    const second = leading()
    const stoppedAt = performance.now()
    await second?.elector.stop()
    while (leading() === undefined) await setTimeout(5)
    const waitedMs = performance.now() - stoppedAt
    assert.ok(waitedMs < 3_000, 'a lease that is let go is not waited for')
    assert.equal(reigns.length, 3)
    const words = ['get', 'lease', 'meshdns-controller', '-o', 'jsonpath={.spec.leaseTransitions}']
    assert.equal(await cluster.must(words), '2')
    for (const { elector } of all) await elector.stop()
  })
})
