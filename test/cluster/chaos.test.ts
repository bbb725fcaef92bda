import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { eventually } from '../../src/testing/eventually.ts'
import { hostname } from '../../src/testing/mesh.ts'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { ChaosMesh, type Place } from './chaos/chaos-mesh.ts'
import { entry, service, steadyAnswers } from './chaos/steady-objects.ts'
import { clusterTestsSkip } from './programs.ts'

const skip = privateNetworksSkip() || (await clusterTestsSkip())

/** How long the API server, or its store, is away. */
const awayMs = Number(process.env['MESHDNS_TEST_API_AWAY_SECONDS'] ?? '2') * 1_000
/** How long calls fail, twice at least. */
const faultsMs = 2_000
const seed = Number(process.env['MESHDNS_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const other = (place: Place): Place => (place === 'one' ? 'two' : 'one')

describe(`agents of a cluster (seed ${seed}) go on when`, { skip, timeout: 1_800_000 }, () => {
  let mesh: ChaosMesh
  let changes = 0

  before(async () => {
    mesh = await ChaosMesh.start(new SeededRandom(seed))
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  /**
   * Asks both agents all the time until `happening` is over and what was changed in it has arrived; no answer may be
   * missing or wrong, and no address move. `change` adds a ServiceEntry and a Service.
   */
  async function whileAsking(
    happening: (change: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    changes += 1
    const name = `later${changes}`
    const clusterIP = `10.96.9.${changes}`
    const [host, local] = [`${name}.internal`, `${name}.default.svc.cluster.local`]
    const names = [...Object.keys(steadyAnswers), host, local]
    const probers = await Promise.all(mesh.pods.map((pod) => pod.ask(names)))
    await Promise.all(probers.map((one) => one.reaches('steady.up.test', 1)))
    await happening(() => mesh.apply(entry(name), service(name, clusterIP)))
    const { table } = mesh.watcher
    await eventually(async () => {
      assert.ok(table.standing(hostname(host), 'default')?.v4, `${host} has no address`)
    })
    const address = table.standing(hostname(host), 'default')?.v4 ?? ''
    for (const prober of probers) {
      await prober.finds(host, address)
      await prober.finds(local, clusterIP)
    }
    await Promise.all(probers.map((prober) => prober.stop()))
    for (const prober of probers) prober.expectNoGap(steadyAnswers)
    assert.deepEqual(mesh.watcher.broken, [])
    assert.equal(mesh.watcher.moves, 0)
    assert.deepEqual(mesh.errors(), [])
  }

  it('nothing happens', () => whileAsking((change) => change()))

  it('the leader is killed, and comes back', () =>
    whileAsking(async (change) => {
      const leader = await mesh.leader()
      await mesh.endController(leader, 'SIGKILL')
      await change()
      assert.equal(await mesh.leader(), other(leader))
      await mesh.startController(leader)
    }))

  it('the leader is told to stop', () =>
    whileAsking(async (change) => {
      const leader = await mesh.leader()
      await mesh.endController(leader, 'SIGTERM')
      assert.equal(await mesh.leader(), other(leader))
      await change()
      await mesh.startController(leader)
    }))

  it('both controllers are away at a time', () =>
    whileAsking(async (change) => {
      await Promise.all([
        mesh.endController('one', 'SIGKILL'),
        mesh.endController('two', 'SIGTERM'),
      ])
      await change()
      await Promise.all([mesh.startController('two'), mesh.startController('one')])
    }))

  for (const name of ['kube-apiserver', 'etcd'] as const) {
    it(`${name} is away`, () =>
      whileAsking(async (change) => {
        await mesh.cluster.stop(name)
        await setTimeout(awayMs)
        mesh.cluster.again(name)
        await mesh.cluster.ready()
        await change()
      }))
  }

  it('the API server forgets what was, and breaks all streams', () =>
    whileAsking(async (change) => {
      const forgetful = mesh.proxy
      forgetful.fail({ kind: 503, oneIn: 1 })
      forgetful.breakStreams()
      await change()
      // Twice the interval of the server's compaction, and a little.
      await setTimeout(4_500)
      await mesh.cluster.stop('kube-apiserver')
      mesh.cluster.again('kube-apiserver')
      await mesh.cluster.ready()
      forgetful.heal()
    }))

  it('a controller starts while the API server is away', () =>
    whileAsking(async (change) => {
      await mesh.endController('one', 'SIGKILL')
      await mesh.cluster.stop('kube-apiserver')
      const started = mesh.startController('one')
      await setTimeout(awayMs)
      mesh.cluster.again('kube-apiserver')
      await started
      await mesh.cluster.ready()
      await change()
    }))

  it('a controller starts while calls fail', () =>
    whileAsking(async (change) => {
      await mesh.endController('two', 'SIGKILL')
      mesh.proxy.fail({ kind: 500, oneIn: 5 }, { kind: 429, oneIn: 6 })
      await mesh.startController('two')
      await change()
      mesh.proxy.heal()
    }))

  for (const kinds of [
    [429, 500],
    [503, 'loses'],
    ['hangs', 'is late'],
  ] as const) {
    it(`half of all calls to the API server meet: ${kinds.join(', ')}`, () =>
      whileAsking(async (change) => {
        const { proxy } = mesh
        const before = new Map(proxy.done)
        proxy.fail(...kinds.map((kind) => ({ kind, oneIn: 4 })))
        proxy.breakStreams()
        await change()
        await setTimeout(faultsMs)
        proxy.breakStreams()
        await setTimeout(faultsMs)
        await eventually(() => {
          for (const kind of kinds) {
            const count = (proxy.done.get(kind) ?? 0) - (before.get(kind) ?? 0)
            assert.ok(count > 0, `nothing met ${kind}`)
          }
        })
        proxy.heal()
      }))
  }

  it('a namespace goes with all that is in it', () =>
    whileAsking(async (change) => {
      const { cluster } = mesh
      await cluster.must(['create', 'namespace', 'doomed'])
      const doomed = Array.from({ length: 10 }, (_, at) => entry(`doomed${at}`, {}, 'doomed'))
      await mesh.apply(...doomed)
      await eventually(async () => assert.deepEqual([...mesh.watcher.lacking()], []))
      await Promise.all([cluster.must(['delete', 'namespace', 'doomed']), change()])
    }))
})
