import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health } from '../../base/health.ts'
import { silentLog } from '../../base/log.ts'
import { Meters } from '../../base/meters.ts'
import { parseIp } from '../../ip/address.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { FakeEntryStore, registeringProxy, workloadGroup } from '../../testing/registration.ts'
import { until } from '../../testing/until.ts'
import type { WorkloadGroup } from '../../translate/mesh-object.ts'
import { hasLeft } from '../../translate/registration/registered-entry.ts'
import type { Proxy } from '../../xds/proxy.ts'
import type { ProxyConnection } from '../../xds/server/ports.ts'
import { RegistrationOptions } from './options.ts'
import { Registrar } from './registrar.ts'

const key = 'shop/vms-10.0.0.7'

const connection: ProxyConnection = {
  id: '1',
  address: '10.0.0.7:40000',
  identity: { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount: 'ratings' },
}
const second = { ...connection, id: '2' }

interface Facts {
  readonly store?: FakeEntryStore
  readonly group?: WorkloadGroup
  readonly options?: Partial<RegistrationOptions>
}

async function startRegistrar({ store = new FakeEntryStore(), group, options }: Facts = {}) {
  const clock = new FakeClock()
  const health = new Health()
  const vms = group ?? workloadGroup()
  const registrar = new Registrar(RegistrationOptions.parse(options ?? {}), {
    clock,
    log: silentLog,
    health,
    meters: new Meters(),
    store,
    controller: 'host-1',
    group: ({ namespace, name }) => (`${namespace}/${name}` === 'shop/vms' ? vms : undefined),
  })
  await registrar.start()
  return { registrar, store, clock, health }
}

describe('Registrar (Istio: auto-registration)', () => {
  it('makes an entry of a machine that connects', async () => {
    const { registrar, store } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    assert.deepEqual([...store.entries.keys()], [key])
  })

  it('leaves alone who wants to be in no group', async () => {
    const { registrar, store } = await startRegistrar()
    const { autoRegisterGroup: _, ...plain } = registeringProxy()
    await registrar.connected(plain, connection)
    registrar.healthReported(plain, { healthy: false, message: '' })
    registrar.disconnected(plain, connection)
    assert.equal(store.writes, 0)
  })

  it('registers nobody when it is switched off', async () => {
    const { registrar, store } = await startRegistrar({ options: { enabled: false } })
    await registrar.connected(registeringProxy(), connection)
    assert.equal(store.writes, 0)
  })

  it('asks nobody who he is where identities are not checked', async () => {
    const { registrar, store } = await startRegistrar({ options: { identityCheck: false } })
    const { identity: _, ...anonymous } = connection
    await registrar.connected(registeringProxy(), anonymous)
    assert.deepEqual([...store.entries.keys()], [key])
  })

  it('makes endpoints of machines with a probe at once where health is not checked', async () => {
    const { registrar, store } = await startRegistrar({ options: { healthChecks: false } })
    const metadata = { PROXY_CONFIG: { readinessProbe: {} } }
    const proxy = registeringProxy({ metadata })
    await registrar.connected(proxy, connection)
    registrar.healthReported(proxy, { healthy: false, message: 'status 500' })
    await registrar.stop()
    const { metadata: made, status } = store.entries.get(key) ?? {}
    assert.equal(made?.annotations['proxy.istio.io/health-checks-enabled'], undefined)
    assert.equal(status, undefined)
  })

  it('takes the locality of the machine over that of its group', async () => {
    const group = workloadGroup({ template: { serviceAccount: 'ratings', locality: 'a/b' } })
    const { registrar, store } = await startRegistrar({ group })
    await registrar.connected(registeringProxy({ locality: 'c/d/e' }), connection)
    assert.equal(store.entries.get(key)?.spec.locality, 'c/d/e')
  })

  const refused: readonly {
    readonly name: string
    readonly proxy: Proxy
    readonly connection: ProxyConnection
    readonly want: { readonly code: string; readonly status: number }
  }[] = [
    {
      name: 'a group that is not there: FAILED_PRECONDITION',
      proxy: registeringProxy({ autoRegisterGroup: 'other' }),
      connection,
      want: { code: 'REGISTER_GROUP_MISSING', status: 9 },
    },
    {
      name: 'a connection over plaintext: PERMISSION_DENIED',
      proxy: registeringProxy(),
      connection: { id: '1', address: '127.0.0.1:1' },
      want: { code: 'REGISTER_FORBIDDEN', status: 7 },
    },
    {
      name: 'a network that leads out of the folder: INVALID_ARGUMENT',
      proxy: registeringProxy({ network: '../../x' }),
      connection,
      want: { code: 'REGISTER_INVALID', status: 3 },
    },
  ]
  for (const { name, proxy, connection: from, want } of refused) {
    it(`refuses ${name}`, async () => {
      const { registrar, store } = await startRegistrar()
      await assert.rejects(registrar.connected(proxy, from), want)
      registrar.disconnected(proxy, from)
      assert.equal(store.writes, 0)
    })
  }

  it('refuses more machines than it may keep, and takes one when another went: RESOURCE_EXHAUSTED', async () => {
    const { registrar, clock, store } = await startRegistrar({ options: { maxEntries: 1 } })
    const other = registeringProxy({ addresses: [parseIp('10.0.0.8')] })
    await registrar.connected(registeringProxy(), connection)
    await assert.rejects(registrar.connected(other, second), { code: 'REGISTER_FULL', status: 8 })
    registrar.disconnected(registeringProxy(), connection)
    clock.advance(10_000)
    await until(() => store.entries.size === 0)
    await registrar.connected(other, second)
    assert.deepEqual([...store.entries.keys()], ['shop/vms-10.0.0.8'])
  })

  it('notes when a machine leaves, and removes it after the grace period', async () => {
    const { registrar, store, clock } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    registrar.disconnected(registeringProxy(), connection)
    await until(() => isAway(store))
    clock.advance(9_999)
    assert.equal(store.entries.size, 1)
    clock.advance(1)
    await until(() => store.entries.size === 0)
  })

  it('keeps the entry of a machine that is back in time', async () => {
    const { registrar, store, clock } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    const created = store.entries.get(key)?.metadata.creationTimestamp
    registrar.disconnected(registeringProxy(), connection)
    clock.advance(9_999)
    await registrar.connected(registeringProxy(), second)
    clock.advance(1_000_000)
    assert.equal(isAway(store), false)
    assert.equal(store.entries.get(key)?.metadata.creationTimestamp, created)
  })

  it('keeps a machine for as long as one of its streams is there, in whichever order they end', async () => {
    const { registrar, store, clock } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    await registrar.connected(registeringProxy(), second)
    registrar.disconnected(registeringProxy(), connection)
    registrar.disconnected(registeringProxy(), connection)
    clock.advance(1_000_000)
    assert.equal(isAway(store), false)
    registrar.disconnected(registeringProxy(), second)
    await until(() => isAway(store))
  })

  it('makes a new entry when the machine comes back while the old one is being removed', async () => {
    const { registrar, store, clock } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    registrar.disconnected(registeringProxy(), connection)
    clock.advance(10_000)
    await registrar.connected(registeringProxy(), second)
    assert.equal(isAway(store), false)
    assert.equal(
      store.entries.get(key)?.metadata.creationTimestamp,
      new Date(clock.wall()).toISOString(),
    )
  })

  it('keeps what its machine says of its health, and writes only what is new', async () => {
    const { registrar, store } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    registrar.healthReported(registeringProxy(), { healthy: false, message: 'status 500' })
    await until(() => store.entries.get(key)?.status?.conditions[0]?.status === 'False')
    const { writes } = store
    registrar.healthReported(registeringProxy(), { healthy: false, message: 'status 503' })
    await registrar.stop()
    assert.equal(store.writes, writes)
  })

  it('believes no report of a machine that is not connected', async () => {
    const { registrar, store } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    registrar.disconnected(registeringProxy(), connection)
    registrar.healthReported(registeringProxy(), { healthy: false, message: '' })
    await registrar.stop()
    assert.equal(store.entries.get(key)?.status, undefined)
  })
})

describe('Registrar after a restart', () => {
  it('keeps machines through a clean stop of the controller, and through a kill', async () => {
    const { registrar, store } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    await registrar.stop()
    registrar.disconnected(registeringProxy(), connection)
    assert.equal(isAway(store), false)
    const { writes } = store
    const again = await startRegistrar({ store })
    again.clock.advance(99_999)
    await again.registrar.connected(registeringProxy(), connection)
    again.clock.advance(1_000_000)
    assert.equal(store.entries.size, 1)
    assert.equal(store.writes, writes)
  })

  it('sweeps up machines that have not come back after ten grace periods', async () => {
    const { registrar, store } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    await registrar.stop()
    const again = await startRegistrar({ store })
    again.clock.advance(99_999)
    assert.equal(store.entries.size, 1)
    again.clock.advance(1)
    await until(() => store.entries.size === 0)
  })

  it('gives a machine that had left one more grace period', async () => {
    const { registrar, store } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    registrar.disconnected(registeringProxy(), connection)
    await registrar.stop()
    const again = await startRegistrar({ store })
    again.clock.advance(9_999)
    assert.equal(store.entries.size, 1)
    again.clock.advance(1)
    await until(() => store.entries.size === 0)
  })
})

describe('Registrar without a working disk', () => {
  it('serves its machines, says so, and saves them when that works again', async () => {
    const { registrar, store, clock, health } = await startRegistrar()
    store.broken = true
    await registrar.connected(registeringProxy(), connection)
    assert.deepEqual(
      health.items().map(({ code, detail }) => [code, detail]),
      [['REGISTRATION_UNSAVED', 'shop/vms-10.0.0.7: no space left on device']],
    )
    store.broken = false
    clock.advance(10_000)
    await until(() => store.entries.size === 1 && health.items().length === 0)
  })

  it('removes later what could not be removed', async () => {
    const { registrar, store, clock } = await startRegistrar()
    await registrar.connected(registeringProxy(), connection)
    registrar.disconnected(registeringProxy(), connection)
    await until(() => isAway(store))
    store.broken = true
    const { writes } = store
    clock.advance(10_000)
    await until(() => store.writes > writes)
    store.broken = false
    await registrar.stop()
    assert.equal(store.entries.size, 0)
  })
})

function isAway(store: FakeEntryStore): boolean {
  const entry = store.entries.get(key)
  assert.ok(entry)
  return hasLeft(entry)
}
