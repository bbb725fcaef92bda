import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { EntryLeftovers } from '../../src/controller/cluster/entry-leftovers.ts'
import { RegistrationOptions } from '../../src/controller/registration/options.ts'
import { Registrar } from '../../src/controller/registration/registrar.ts'
import { ClusterWorkloadEntries } from '../../src/kubernetes/registration/cluster-workload-entries.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { registeringProxy, workloadGroup } from '../../src/testing/registration.ts'
import type { ProxyConnection } from '../../src/xds/server/ports.ts'
import { applyDefinitions, clusterPorts } from './cluster-ports.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const connection: ProxyConnection = {
  id: '1',
  address: '10.0.0.7:40000',
  identity: { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount: 'ratings' },
}

const group = `apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: vms, namespace: shop }
spec: { template: { serviceAccount: ratings } }
`

const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: istio-system }
spec: { containers: [{ name: main, image: none }] }
`

const graceMs = 10_000

interface Entry {
  readonly metadata: {
    readonly uid: string
    readonly annotations: Readonly<Record<string, string>>
    readonly ownerReferences: readonly { readonly name: string; readonly uid: string }[]
  }
  readonly spec: { readonly address: string; readonly serviceAccount: string }
  readonly status?: {
    readonly conditions: readonly { readonly type: string; readonly status: string }[]
  }
}

describe('machines that register at controllers of a cluster', { skip }, () => {
  let cluster: TestCluster

  before(async () => {
    cluster = await TestCluster.start({
      controllers: ['garbage-collector-controller', 'serviceaccount-controller'],
    })
    await applyDefinitions(cluster)
    // The collector knows the kinds that are there when it starts, and learns of others half a minute later.
    await cluster.stop('kube-controller-manager')
    cluster.again('kube-controller-manager')
    for (const name of ['istio-system', 'shop']) await cluster.must(['create', 'namespace', name])
    await eventually(async () => {
      const found = ['get', 'serviceaccount', 'default', '-n', 'istio-system']
      return (await cluster.kubectl(found)).code === 0
    })
    for (const name of ['one', 'two']) await cluster.must(['apply', '-f', '-'], pod(name))
  })
  after(() => cluster?.[Symbol.asyncDispose]())

  /** What a controller has of it: the time is the test's own. */
  async function replica(test: TestContext, name: string, clock = new FakeClock(Date.now())) {
    const ports = { ...clusterPorts(cluster), clock }
    test.after(() => ports.scope.stop())
    const own = { name, namespace: 'istio-system' }
    const store = await ports.scope.start('entries', () =>
      new ClusterWorkloadEntries(own, ports).start(),
    )
    const vms = workloadGroup()
    const registrar = await ports.scope.start('registrar', () =>
      new Registrar(RegistrationOptions.parse({ graceMs }), {
        ...ports,
        store,
        controller: name,
        group: () => vms,
      }).start(),
    )
    const parts = { ...ports, entries: store, own, graceMs }
    const leftovers = await ports.scope.start('leftovers', () => new EntryLeftovers(parts))
    return { clock, registrar, store, leftovers, health: ports.health }
  }

  const entryName = 'vms-10.0.0.7'
  async function read(): Promise<Entry | undefined> {
    const words = ['get', 'workloadentry', entryName, '-n', 'shop', '-o', 'json']
    const { code, stdout } = await cluster.kubectl(words)
    return code === 0 ? (JSON.parse(stdout) as Entry) : undefined
  }
  const note = (entry: Entry | undefined, name: string) =>
    entry?.metadata.annotations[`istio.io/${name}`]
  const heldBy = (name: string) =>
    eventually(async () => note(await read(), 'workloadController') === name)
  const isGone = () => eventually(async () => (await read()) === undefined)

  async function begin() {
    await cluster.must(['apply', '-f', '-'], group)
    const words = ['get', 'workloadgroup', 'vms', '-n', 'shop', '-o', 'jsonpath={.metadata.uid}']
    await cluster.must(['delete', 'workloadentry', '--all', '-n', 'shop'])
    return await cluster.must(words)
  }

  it('become entries that belong to their group, with what they say of their health', async (test) => {
    const uid = await begin()
    const { registrar, clock } = await replica(test, 'one')
    const proxy = registeringProxy()
    await registrar.connected(proxy, connection)
    const entry = await read()
    assert.equal(entry?.spec.address, '10.0.0.7')
    assert.deepEqual(
      entry.metadata.ownerReferences.map((owner) => [owner.name, owner.uid]),
      [['vms', uid]],
    )
    assert.equal(note(entry, 'workloadController'), 'one')
    registrar.healthReported(proxy, { healthy: false, message: 'status 500' })
    await eventually(async () => (await read())?.status?.conditions[0]?.status === 'False')
    registrar.healthReported(proxy, { healthy: true, message: '' })
    await eventually(async () => (await read())?.status?.conditions[0]?.status === 'True')
    registrar.disconnected(proxy, connection)
    await eventually(async () => note(await read(), 'disconnectedAt') !== undefined)
    clock.advance(graceMs)
    await isGone()
  })

  it('keep their entry when they come to another controller in time', async (test) => {
    await begin()
    const [one, two] = [await replica(test, 'one'), await replica(test, 'two')]
    const proxy = registeringProxy()
    await one.registrar.connected(proxy, connection)
    const first = await read()
    one.registrar.disconnected(proxy, connection)
    two.clock.advance(1_000)
    await two.registrar.connected(proxy, { ...connection, id: '2' })
    await heldBy('two')
    one.clock.advance(graceMs * 20)
    const second = await read()
    assert.equal(second?.metadata.uid, first?.metadata.uid)
    assert.equal(note(second, 'disconnectedAt'), undefined)
    // The end of the first stream may be noticed late.
    await one.registrar.connected(proxy, connection)
    await heldBy('one')
    two.registrar.disconnected(proxy, { ...connection, id: '2' })
    two.clock.advance(graceMs)
    await heldBy('one')
  })

  it('are taken up again by a controller that was started again', async (test) => {
    await begin()
    const proxy = registeringProxy()
    const before = await replica(test, 'one')
    await before.registrar.connected(proxy, connection)
    await before.registrar.stop()
    const { clock } = await replica(test, 'one')
    assert.equal(note(await read(), 'workloadController'), 'one')
    clock.advance(graceMs * 10)
    await isGone()
  })

  it('are removed by the leader when their controller is gone, and they came to no other', async (test) => {
    await begin()
    await cluster.must(['apply', '-f', '-'], pod('three'))
    const three = await replica(test, 'three')
    await three.registrar.connected(registeringProxy(), connection)
    await three.registrar.stop()
    const { clock, leftovers } = await replica(test, 'one')
    leftovers.lead(true)
    for (let round = 0; round < 4; round += 1) await sweep()
    await heldBy('three')
    const words = ['delete', 'pod', 'three', '-n', 'istio-system', '--force', '--grace-period=0']
    await cluster.must(words)
    await eventually(async () => {
      await sweep()
      return (await read()) === undefined
    })

    async function sweep(): Promise<void> {
      clock.advance(graceMs * 5)
      await cluster.must(['get', '--raw', '/readyz'])
    }
  })

  it('come back when somebody deletes their entry, but not without their group', async (test) => {
    await begin()
    const { registrar, health } = await replica(test, 'one')
    await registrar.connected(registeringProxy(), connection)
    const first = await read()
    await cluster.must(['delete', 'workloadentry', entryName, '-n', 'shop'])
    await heldBy('one')
    assert.notEqual((await read())?.metadata.uid, first?.metadata.uid)
    await cluster.must(['delete', 'workloadgroup', 'vms', '-n', 'shop'])
    await isGone()
    await cluster.must(['get', '--raw', '/readyz'])
    assert.equal(await read(), undefined)
    assert.deepEqual(health.items(), [])
  })

  it('leave alone what a person wrote under the same name', async (test) => {
    await begin()
    const own = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: { name: entryName, namespace: 'shop', annotations: { by: 'hand' } },
      spec: { address: '10.9.9.9' },
    }
    await cluster.apply(own)
    const { registrar, clock } = await replica(test, 'one')
    const proxy = registeringProxy()
    await registrar.connected(proxy, connection)
    registrar.disconnected(proxy, connection)
    clock.advance(graceMs * 10)
    assert.equal((await read())?.spec.address, '10.9.9.9')
  })
})
