import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Health } from '../../src/base/health.ts'
import { silentLog } from '../../src/base/log.ts'
import { createRandom } from '../../src/base/random.ts'
import { type ApiCall } from '../../src/kubernetes/client/cluster-client.ts'
import { LeaderElector } from '../../src/kubernetes/leader/leader-elector.ts'
import { LeaderOptions } from '../../src/kubernetes/leader/options.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { until } from '../../src/testing/until.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()
const options = LeaderOptions.parse({})

describe('leaders by a Lease of a real cluster', { skip }, () => {
  let cluster: TestCluster
  const clock = new FakeClock(Date.now())
  let calls = 0
  before(async () => {
    cluster = await TestCluster.start()
  })
  after(async () => cluster?.[Symbol.asyncDispose]())

  /** One who can be cut off from the API server. */
  const join = (identity: string) => {
    const real = cluster.connect()
    const line = { isCut: false }
    const client = {
      async call(call: ApiCall) {
        if (line.isCut) throw new Error('the line is cut')
        calls += 1
        return await real.call(call).finally(() => (calls -= 1))
      },
    }
    const elector = new LeaderElector(
      { ...options, namespace: 'default', name: 'meshdns-controller', identity },
      { client, clock, log: silentLog, health: new Health(), random: createRandom() },
    )
    return { elector, line }
  }

  /** Lets time pass as fast as the API server answers, until the condition holds; gives the seconds. */
  async function passUntil(condition: () => boolean): Promise<number> {
    for (let seconds = 0; ; seconds += 1) {
      if (condition()) return seconds
      assert.ok(seconds < 4 * options.leaseSeconds, `never became true: ${String(condition)}`)
      clock.advance(1_000)
      await setImmediate()
      await until(() => calls === 0)
    }
  }

  it('never are two at a time, however often one is cut off or stopped', async () => {
    const all = [join('one'), join('two'), join('three')]
    const reigns: string[] = []
    const crowds: string[][] = []
    for (const { elector } of all) {
      elector.follow((leads) => {
        if (leads) reigns.push(elector.identity)
        const crowd = all.filter((one) => one.elector.leads)
        if (crowd.length > 1) crowds.push(crowd.map((one) => one.elector.identity))
      })
      await elector.start()
    }
    const leading = () => all.find(({ elector }) => elector.leads)
    const first = leading()
    assert.equal(first?.elector.identity, 'one')
    first.line.isCut = true
    const waited = await passUntil(() => ![undefined, first].includes(leading()))
    assert.ok(waited >= options.leaseSeconds, 'a lease is waited for')
    first.line.isCut = false
    await leading()?.elector.stop()
    const hurried = await passUntil(() => leading() !== undefined)
    assert.ok(hurried <= 2 * options.retrySeconds, 'a lease that is let go is not waited for')
    assert.equal(reigns.length, 3)
    assert.deepEqual(crowds, [])
    const words = ['get', 'lease', 'meshdns-controller', '-o', 'jsonpath={.spec.leaseTransitions}']
    assert.equal(await cluster.must(words), '2')
    for (const { elector } of all) await elector.stop()
  })
})
