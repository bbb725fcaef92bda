import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health } from '../../base/health.ts'
import { silentLog } from '../../base/log.ts'
import { Meters } from '../../base/meters.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { plainPod as pod } from './plain-pod.case.ts'
import type { OpenedPod } from './pod-agent.ts'
import { type KeptAgent, PodKeeper, type PodKeeperPorts } from './pod-keeper.ts'

const network = { path: '/net', resolvConf: { root: '/', path: '/resolv.conf' } }
const before = { pod, network, namespaceId: '1:1' }

/** `isGone` is about the network of the pod; `trouble` fails everything else about it. */
function createRig() {
  const clock = new FakeClock()
  const done: string[] = []
  const world = { isGone: false, trouble: false }
  const fail = () => {
    if (world.trouble) throw new Error('trouble')
  }
  const agent: KeptAgent = {
    pod,
    network,
    namespaceId: '2:2',
    meters: new Meters(),
    isAt: () => !world.isGone,
    moveTo() {},
    relabel: async () => fail(),
    readResolvConf: async () => fail(),
    problems: () => [],
    describe: () => ({ network: '/net', servers: [], families: [4] }),
    stop: async (rules) => void done.push(`stop ${rules}`),
  }
  const ports: PodKeeperPorts = {
    clock,
    log: silentLog,
    health: new Health(),
    meters: new Meters(),
    keeper: { drop: async () => void done.push('drop') },
    networks: {
      async find() {
        fail()
        return world.isGone ? undefined : network
      },
      isOf: async () => true,
    },
    firstTable: { isAwaited: false },
    open: async () => ({}) as OpenedPod,
    async start() {
      fail()
      return agent
    },
    onChange: () => done.push('change'),
    retire() {},
  }
  return { clock, done, world, ports }
}

describe('PodKeeper', () => {
  it('remembers how a pod was served that cannot be opened again, until it is served', async () => {
    const { clock, world, ports } = createRig()
    const keeper = new PodKeeper({ pod, before }, ports)
    world.trouble = true
    await keeper.look()
    const labels = { app: 'other' }
    keeper.update({ ...pod, labels })
    assert.equal(keeper.state, 'failed')
    assert.deepEqual(keeper.served, { ...before, pod: { ...pod, labels } })
    world.trouble = false
    clock.advance(60_000)
    await keeper.look()
    assert.deepEqual(keeper.served, { pod, network, namespaceId: '2:2' })
    world.isGone = true
    await keeper.look()
    assert.equal(keeper.served, undefined)
  })

  it('remembers nothing of a pod that was never served', async () => {
    const { world, ports } = createRig()
    world.trouble = true
    const keeper = new PodKeeper({ pod }, ports)
    await keeper.look()
    assert.equal(keeper.served, undefined)
  })

  for (const rules of ['release', 'keep'] as const) {
    for (const isGone of [false, true]) {
      const how = isGone ? 'and has no network any more' : 'whatever else is amiss'
      it(`lets a pod go whose labels have changed, ${how}: ${rules}`, async () => {
        const { done, world, ports } = createRig()
        const keeper = new PodKeeper({ pod }, ports)
        await keeper.look()
        Object.assign(world, { isGone, trouble: true })
        keeper.update({ ...pod, labels: { app: 'other' } })
        await keeper.end(rules)
        assert.deepEqual(done, ['change', `stop ${isGone ? 'release' : rules}`, 'change'])
        assert.equal(keeper.agent, undefined)
      })
    }
  }
})
