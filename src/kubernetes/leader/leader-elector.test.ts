import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health } from '../../base/health.ts'
import { silentLog } from '../../base/log.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { FakeLeaseApi } from '../../testing/fake-lease-api.ts'
import { LeaderElector } from './leader-elector.ts'
import { LeaseObservation, readLease } from './lease.ts'
import { LeaderOptions } from './options.ts'

/** Replicas on one lease and one clock, with the times that we have by default. */
function createRig() {
  const clock = new FakeClock()
  const api = new FakeLeaseApi()
  const told: string[] = []
  const health = new Health()
  const join = (identity: string) => {
    const options = {
      ...LeaderOptions.parse({}),
      namespace: 'istio-system',
      name: 'meshdns-controller',
      identity,
    }
    const ports = { client: api, clock, log: silentLog, health, random: () => 0 }
    const elector = new LeaderElector(options, ports)
    elector.follow((leads) => told.push(`${identity} ${leads ? 'leads' : 'ends'}`))
    return elector
  }
  /** Time passes, with the answers of the API in between. */
  const pass = async (seconds: number) => {
    for (let at = 0; at < seconds * 2; at += 1) {
      clock.advance(500)
      await turns()
    }
  }
  return { clock, api, told, health, join, pass }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('LeaderElector', () => {
  it('leads at once where nobody ever did, and says since when', async () => {
    const { api, join, told } = createRig()
    const a = await join('a').start()
    assert.equal(a.leads, true)
    assert.deepEqual(told, ['a leads'])
    assert.deepEqual(api.spec, {
      holderIdentity: 'a',
      leaseDurationSeconds: 30,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    })
  })

  it('renews, and keeps the time at which it began', async () => {
    const { api, join, pass } = createRig()
    const a = await join('a').start()
    await pass(60)
    assert.equal(a.leads, true)
    assert.equal(api.spec?.['acquireTime'], '2026-01-01T00:00:00.000000Z')
    assert.equal(api.spec?.['renewTime'], '2026-01-01T00:01:00.000000Z')
    assert.equal(api.spec?.['leaseTransitions'], 0)
  })

  it('waits for another leader as long as that one renews', async () => {
    const { join, pass, told } = createRig()
    await join('a').start()
    const b = await join('b').start()
    await pass(300)
    assert.deepEqual([b.leads, told], [false, ['a leads']])
  })

  it('hands over at the next look when the leader is stopped', async () => {
    const { api, join, pass, told } = createRig()
    const a = await join('a').start()
    await join('b').start()
    await a.stop()
    assert.equal(api.spec?.['holderIdentity'], '')
    await pass(8)
    assert.deepEqual(told, ['a leads', 'a ends', 'b leads'])
    assert.equal(api.spec?.['leaseTransitions'], 1)
  })

  it('takes over from a leader that died 30 s after it last saw it renew, not before', async () => {
    const { api, clock, join, told } = createRig()
    api.set({ holderIdentity: 'dead', leaseDurationSeconds: 30, leaseTransitions: 4 })
    await join('b').start()
    for (let at = 0; at < 7; at += 1) {
      clock.advance(7_499)
      await turns()
      clock.advance(1)
      await turns()
      assert.deepEqual(told, at < 3 ? [] : ['b leads'], `after ${at + 1} looks`)
    }
    assert.equal(api.spec?.['leaseTransitions'], 5)
  })

  it('does not care what the clock of another says', async () => {
    const { api, join, pass, told } = createRig()
    const spec = { holderIdentity: 'past', leaseDurationSeconds: 30, leaseTransitions: 0 }
    api.set({ ...spec, renewTime: '1999-01-01T00:00:00.000000Z' })
    await join('b').start()
    await pass(25)
    api.set({ ...spec, renewTime: '1999-01-01T00:00:07.000000Z' })
    await pass(25)
    assert.deepEqual(told, [])
    await pass(20)
    assert.deepEqual(told, ['b leads'])
  })

  it('ends 15 s after it last renewed when the API does not answer, before anybody else begins', async () => {
    const { api, clock, join, pass, told } = createRig()
    const a = await join('a').start()
    await pass(7.5)
    api.fault = 0
    clock.advance(14_999)
    assert.equal(a.leads, true)
    clock.advance(1)
    assert.deepEqual([a.leads, told], [false, ['a leads', 'a ends']])
    await turns()
    const b = await join('b').start()
    api.fault = undefined
    await pass(60)
    assert.deepEqual([told.length, a.leads !== b.leads], [3, true])
  })

  it('does not lead by an answer that came too late', async () => {
    const { api, clock, join, told } = createRig()
    api.before = ({ method }) => {
      if (method === 'POST') clock.advance(15_000)
    }
    const a = await join('a').start()
    assert.deepEqual([a.leads, told], [false, []])
  })

  it('knows that its time is over although no timer said so', async () => {
    const { clock, join } = createRig()
    const a = await join('a').start()
    clock.after = () => () => {}
    clock.advance(0)
    Object.defineProperty(clock, 'now', { value: () => 15_000 })
    assert.equal(a.leads, false)
  })

  it('ends at once when it sees that somebody else holds the lease', async () => {
    const { api, join, pass, told } = createRig()
    await join('a').start()
    api.set({ holderIdentity: 'thief', leaseDurationSeconds: 30, leaseTransitions: 9 })
    await pass(8)
    assert.deepEqual(told, ['a leads', 'a ends'])
  })

  it('leaves the lease to the one that was first, when two come at one time', async () => {
    const { api, join, told } = createRig()
    api.set({ holderIdentity: '', leaseTransitions: 2 })
    await Promise.all([join('a').start(), join('b').start()])
    assert.equal(told.length, 1)
    assert.equal(api.spec?.['leaseTransitions'], 3)
  })

  it('takes its own lease again when it comes back under the same name', async () => {
    const { api, join } = createRig()
    api.set({ holderIdentity: 'a', leaseDurationSeconds: 30, leaseTransitions: 2 })
    const a = await join('a').start()
    assert.equal(a.leads, true)
    assert.equal(api.spec?.['leaseTransitions'], 2)
  })

  it('takes hostile fields for missing ones', async () => {
    const { api, join } = createRig()
    api.set({ holderIdentity: 7, leaseDurationSeconds: -1, leaseTransitions: 'many' })
    const a = await join('a').start()
    assert.equal(a.leads, true)
    assert.equal(api.spec?.['leaseTransitions'], 1)
  })

  it('says which right it lacks, until it has it', async () => {
    const { api, health, join, pass } = createRig()
    api.fault = 403
    await join('a').start()
    assert.deepEqual(
      health.items().map(({ code }) => code),
      ['LEASE_FORBIDDEN'],
    )
    api.fault = undefined
    await pass(8)
    assert.deepEqual(health.items(), [])
  })

  it('lacks nothing any more that it can see when it may look again, also while another leads', async () => {
    const { api, health, join, pass } = createRig()
    api.set({ holderIdentity: 'other', leaseDurationSeconds: 3_600, leaseTransitions: 1 })
    api.fault = 403
    const a = await join('a').start()
    assert.equal(health.items().length, 1)
    api.fault = undefined
    await pass(8)
    assert.deepEqual([a.leads, health.items()], [false, []])
  })

  it('says that it lacks the right to write for as long as it did not write', async () => {
    const { api, health, join, pass } = createRig()
    api.before = ({ method = 'GET' }) => void (api.fault = method === 'GET' ? undefined : 403)
    await join('a').start()
    api.set({ holderIdentity: 'other', leaseDurationSeconds: 3_600, leaseTransitions: 1 })
    await pass(8)
    assert.equal(health.items().length, 1)
  })

  it('waits with its end for an answer that is under way, and lets go of what that brings', async () => {
    const { api, join, told } = createRig()
    const gate = Promise.withResolvers<void>()
    api.before = ({ method }) => (method === 'POST' ? gate.promise : undefined)
    const a = join('a')
    const starting = a.start()
    await turns()
    const stopping = a.stop()
    await turns()
    gate.resolve()
    await Promise.all([starting, stopping])
    assert.equal(api.spec?.['holderIdentity'], '')
    assert.deepEqual(told, ['a leads', 'a ends'])
  })

  it('does not write after it was stopped, and lets go of nothing that it does not hold', async () => {
    const { api, join, pass } = createRig()
    await join('a').start()
    const b = await join('b').start()
    await b.stop()
    const { version } = api
    await pass(2)
    assert.equal(api.version, version)
    assert.equal(api.spec?.['holderIdentity'], 'a')
  })
})

describe('LeaseObservation', () => {
  it('waits for nobody longer than an hour', () => {
    const observation = new LeaseObservation()
    observation.see(readLease({ spec: { holderIdentity: 'a', leaseDurationSeconds: 1e9 } }), 0)
    assert.deepEqual(
      [3_599_999, 3_600_000].map((now) => observation.isHeld(now)),
      [true, false],
    )
  })

  it('takes a lease for held until its time has passed since it changed', () => {
    const observation = new LeaseObservation()
    const spec = { holderIdentity: 'a', leaseDurationSeconds: 10 }
    observation.see(readLease({ spec }), 1_000)
    observation.see(readLease({ spec }), 5_000)
    assert.deepEqual(
      [10_999, 11_000].map((now) => observation.isHeld(now)),
      [true, false],
    )
    observation.see(undefined, 5_000)
    assert.equal(observation.isHeld(5_000), false)
  })
})
