import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ApiFailure } from '../../src/kubernetes/client/api-failure.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { AddressWatcher } from './address-watcher.ts'
import { AllocationRig } from './allocation-rig.ts'
import { ApiProxy } from './chaos/api-proxy.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

/** More with MESHDNS_TEST_CHANGES; another course with MESHDNS_TEST_SEED. */
const changes = Number(process.env['MESHDNS_TEST_CHANGES'] ?? 1_000)
const seed = Number(process.env['MESHDNS_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const leader = { leaseSeconds: 3, renewDeadlineSeconds: 2, retrySeconds: 0.5 }
const namespaces = ['red', 'blue']
const names = Array.from({ length: 40 }, (_, index) => `entry-${index}`)
const faults = [429, 500, 503, 'hangs', 'loses', 'is late'] as const

/** What else happens after so many changes. */
type Between = (done: number) => Promise<void>

const optOut = 'networking.istio.io/enable-autoallocate-ip'

describe('addresses while controllers fight', { skip, timeout: 1_800_000 }, () => {
  let cluster: TestCluster
  let rig: AllocationRig

  before(async () => {
    cluster = await TestCluster.start()
    rig = await AllocationRig.open(cluster)
    for (const name of namespaces) await cluster.must(['create', 'namespace', name])
  })
  after(async () => cluster?.[Symbol.asyncDispose]())

  /** Changes something at random. */
  async function change(random: SeededRandom): Promise<void> {
    const [name, namespace] = [random.pick(names), random.pick(namespaces)]
    const someHosts = () =>
      Array.from({ length: 1 + random.below(3) }, () => `h${random.below(60)}.io`)
    switch (random.below(8)) {
      case 0:
      case 1:
      case 2:
        await rig.create(name, { hosts: someHosts() }, { namespace })
        return
      case 3:
        await rig.remove(name, namespace)
        return
      case 4:
      case 5:
        await rig.change(name, { spec: { hosts: someHosts() } }, namespace)
        return
      case 6: {
        const value = random.oneIn(2) ? 'false' : null
        await rig.change(name, { metadata: { labels: { [optOut]: value } } }, namespace)
        return
      }
      case 7: {
        const at = 1 + random.below(80)
        const addresses = random.oneIn(3) ? [`240.240.0.${at}`] : null
        await rig.change(name, { spec: { addresses } }, namespace)
        return
      }
    }
  }

  /** Replicas come and go; `between` two changes something else may happen. */
  async function fight(
    random: SeededRandom,
    { kubeconfig, between }: { readonly kubeconfig: string; readonly between: Between },
  ): Promise<void> {
    const watcher = await new AddressWatcher().start(rig.client)
    let born = 0
    const startOne = () => {
      born += 1
      const isDeluded = random.oneIn(3)
      return rig.startReplica(`replica-${born}`, { leader, isDeluded, kubeconfig })
    }
    const replicas = [await startOne(), await startOne()]
    try {
      for (let done = 0; done < changes; done += 2) {
        const both = [change(random), change(random)]
        await Promise.all(both.map((one) => one.catch(ignoreRefusal)))
        if (random.oneIn(30)) {
          const [killed] = replicas.splice(random.below(replicas.length), 1, await startOne())
          await (random.oneIn(2) ? killed?.kill() : killed?.stop())
        }
        await between(done)
        assert.deepEqual(watcher.broken, [])
      }
      await Promise.all(replicas.splice(0).map((one) => one.kill()))
      replicas.push(await rig.startReplica('the-last', { leader }))
      await eventually(async () => assert.deepEqual([...watcher.lacking()], []))
      assert.deepEqual(watcher.broken, [])
      assert.ok(watcher.moves > 0 && watcher.table.entries().size > 20, 'the course was too quiet')
    } finally {
      await Promise.all(replicas.map((one) => one.kill()))
      await watcher.stop()
      await rig.clear()
    }
  }

  it(`moves none without a reason and gives none twice in ${changes} changes (seed ${seed})`, async () => {
    const { kubeconfig } = cluster
    await fight(new SeededRandom(seed), { kubeconfig, between: async () => {} })
  })

  it(`neither while calls of the API fail, and it and its store go away (seed ${seed})`, async (test) => {
    const random = new SeededRandom(seed)
    const proxy = await ApiProxy.start(cluster, random)
    test.after(() => proxy[Symbol.asyncDispose]())
    const between = async (done: number) => {
      if (random.oneIn(15)) {
        const some = faults.filter(() => random.oneIn(3))
        proxy.fail(...some.map((kind) => ({ kind, oneIn: 2 + random.below(10) })))
      }
      if (random.oneIn(15)) proxy.heal()
      if (random.oneIn(20)) proxy.breakStreams()
      const gone = (
        [
          ['kube-apiserver', 0.3],
          ['etcd', 0.6],
        ] as const
      ).find(([, share]) => done >= share * changes && done < share * changes + 2)
      if (!gone) return
      await cluster.stop(gone[0])
      cluster.again(gone[0])
      await cluster.ready()
    }
    await fight(random, { kubeconfig: proxy.kubeconfig(cluster), between })
    // Which kinds a course meets is chance; that it meets most of them is not.
    const met = faults.filter((kind) => (proxy.done.get(kind) ?? 0) > 0)
    assert.ok(met.length >= 3, `calls met no more than: ${met.join(', ')}`)
  })
})

/** Entries that are there already or are not, and two who change one at a time. */
function ignoreRefusal(error: unknown): void {
  if (error instanceof ApiFailure && [404, 409].includes(error.status)) return
  throw error
}
