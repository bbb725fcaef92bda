import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { Health } from '../base/health.ts'
import { Meters } from '../base/meters.ts'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { VirtualOwner } from '../registry/virtual-addresses.ts'
import { allocate } from './allocate.ts'
import type { AllocationRequest } from './allocation.ts'
import { emptyLedger, type Ledger } from './ledger.ts'
import { vipHostsWaiting, vipMoved, vipPoolFree, vipPoolHeld, vipPoolResting } from './meters.ts'
import { AllocationReport } from './report.ts'

const pools = { v4: parsePrefix('10.9.0.0/28'), v6: parsePrefix('2001:2::/48') }
const restMs = 600_000

describe('AllocationReport', () => {
  let health: Health
  let meters: Meters
  let report: AllocationReport
  let ledger: Ledger

  beforeEach(() => {
    health = new Health()
    meters = new Meters()
    report = new AllocationReport(health, meters)
    ledger = emptyLedger
  })

  function step(count: number, fields: Partial<AllocationRequest> = {}): void {
    const hosts = Array.from({ length: count }, (_, index) => `default/h${index + 1}.test`)
    const wanted = hosts.map((owner) => ({ owner: owner as VirtualOwner, createdAt: 0 }))
    const explicit = new Map()
    const request = { wanted, ledger, explicit, pools, wallMs: 0, restMs, ...fields }
    const allocation = allocate(request)
    report.update(request, allocation)
    ledger = allocation.ledger
  }

  it('names the hosts that wait for an address, and stops when they have one', () => {
    step(15)
    const [item] = health.items()
    assert.equal(item?.code, 'VIRTUAL_POOL_EXHAUSTED')
    assert.equal(item?.detail, '10.9.0.0/28 has no IPv4 address left for default/h15.test')
    step(14)
    assert.deepEqual(health.items(), [])
  })

  it('names ten hosts and counts the others', () => {
    step(30)
    const [item] = health.items()
    assert.match(item?.detail ?? '', /default\/h15\.test, .*, default\/h24\.test and 6 more$/)
  })

  it('counts held, resting and free addresses and waiting hosts of each family', () => {
    step(16)
    assert.deepEqual(figures('ipv4'), { held: 14, resting: 0, free: 0, waiting: 2 })
    step(12)
    assert.deepEqual(figures('ipv4'), { held: 12, resting: 2, free: 0, waiting: 0 })
    step(10, { wallMs: restMs })
    assert.deepEqual(figures('ipv4'), { held: 10, resting: 2, free: 2, waiting: 0 })
    assert.equal(figures('ipv6').held, 10)
  })

  it('counts on where some came and some went', () => {
    step(2, { pools: { ...pools, v4: parsePrefix('10.8.0.0/28') } })
    step(4)
    const [elsewhere, , third] = [...ledger.held.values()]
    assert.ok(elsewhere && third)
    const before = [figures('ipv4'), figures('ipv6')]
    assert.deepEqual(before[0], { held: 4, resting: 0, free: 12, waiting: 0 })
    report.turnOver(pools, { came: 3, went: [elsewhere, third, { v6: parseIp('2001:2::99') }] })
    assert.deepEqual(figures('ipv4'), { held: 5, resting: 1, free: 9, waiting: 0 })
    const free = (before[1]?.free ?? 0) - 3
    assert.deepEqual(figures('ipv6'), { held: 4, resting: 3, free, waiting: 0 })
  })

  it('does not count addresses outside the pool against it, nor a claimed one twice', () => {
    step(2)
    const moved = { ...pools, v4: parsePrefix('10.8.0.0/28') }
    const explicit = new Map([[parseIp('10.8.0.3'), 'ns1/mine.test' as VirtualOwner]])
    step(2, { pools: moved, explicit })
    assert.deepEqual(figures('ipv4'), { held: 2, resting: 0, free: 13, waiting: 0 })
  })

  it('shows who lost an address to whom, as long as the user claims it', () => {
    step(1)
    const explicit = new Map([[parseIp('10.9.0.1'), 'ns1/mine.test' as VirtualOwner]])
    step(1, { explicit })
    const [item] = health.items()
    assert.equal(item?.code, 'VIRTUAL_CONFLICT')
    assert.equal(
      item?.detail,
      'default/h1.test moved from 10.9.0.1 to 10.9.0.2, because ns1/mine.test claims it',
    )
    step(1, { explicit })
    assert.equal(health.items().length, 1)
    assert.equal(meters.cell(vipMoved).value, 2)
    step(1)
    assert.deepEqual(health.items(), [])
  })

  function figures(label: string) {
    return {
      held: meters.cell(vipPoolHeld, label).value,
      resting: meters.cell(vipPoolResting, label).value,
      free: meters.cell(vipPoolFree, label).value,
      waiting: meters.cell(vipHostsWaiting, label).value,
    }
  }
})
