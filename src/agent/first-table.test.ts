import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import type { TableState } from '../xds/client/source-status.ts'
import { FirstTable } from './first-table.ts'

const neverSynced: TableState = { kind: 'never synced' }

function rig(waitMs: number, isAlone = false) {
  const clock = new FakeClock()
  const now = { state: neverSynced, isSettled: true }
  const mesh = {
    get isSettled() {
      return now.isSettled
    },
  }
  const catalog = isAlone ? {} : { state: () => now.state }
  return { clock, now, table: new FirstTable({ clock, waitMs, mesh, catalog }) }
}

describe('FirstTable', () => {
  it('is awaited until its names are in force', () => {
    const { table, now } = rig(1_000)
    assert.equal(table.isAwaited, true)
    Object.assign(now, { state: { kind: 'fresh' }, isSettled: false })
    assert.equal(table.isAwaited, true)
    now.isSettled = true
    assert.equal(table.isAwaited, false)
  })

  it('is awaited no longer than was said', () => {
    const { table, clock } = rig(1_000)
    clock.advance(999)
    assert.equal(table.isAwaited, true)
    clock.advance(1)
    assert.equal(table.isAwaited, false)
  })

  it('is not awaited a second time', () => {
    const { table, now } = rig(1_000)
    now.state = { kind: 'stale', ageSeconds: 5 }
    assert.equal(table.isAwaited, false)
    now.isSettled = false
    assert.equal(table.isAwaited, false)
  })

  it('is not awaited where nobody else keeps it, or nobody waits', () => {
    assert.equal(rig(1_000, true).table.isAwaited, false)
    assert.equal(rig(0).table.isAwaited, false)
  })
})
