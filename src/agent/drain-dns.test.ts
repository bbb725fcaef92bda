import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { FakeClock } from '../testing/fake-clock.ts'
import { drainDns } from './drain-dns.ts'

/** Begins to drain and tells whether that is over, after time has passed. */
function drain(pending: () => number) {
  const clock = new FakeClock()
  let isOver = false
  const run = async () => {
    await drainDns({ clock, pending })
    isOver = true
  }
  const over = run()
  const isOverAfter = async (passMs: number) => {
    for (let passed = 0; passed < passMs; passed += 20) {
      clock.advance(20)
      await setImmediate()
    }
    return isOver
  }
  return { over, isOverAfter }
}

describe('drainDns', () => {
  it('returns at once when nobody waits', async () => {
    await drain(() => 0).over
  })

  it('waits until the last question has its answer', async () => {
    let pending = 2
    const { over, isOverAfter } = drain(() => pending)
    assert.equal(await isOverAfter(100), false)
    pending = 1
    assert.equal(await isOverAfter(100), false)
    pending = 0
    assert.equal(await isOverAfter(20), true)
    await over
  })

  it('does not wait for ever', async () => {
    const { isOverAfter } = drain(() => 1)
    assert.equal(await isOverAfter(4_900), false)
    assert.equal(await isOverAfter(200), true)
  })
})
