import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { atWallTime, outsideWallTimes } from './wall-timer.ts'

const dayMs = 86_400_000

/** A timer that ends in a day, and how often it rang. */
function startTimer() {
  const clock = new FakeClock()
  const timer = { clock, rang: 0, cancel: () => {} }
  timer.cancel = atWallTime(clock, clock.wall() + dayMs, () => (timer.rang += 1))
  return timer
}

describe('a timer by the time of day', () => {
  it('rings once, when it is time', () => {
    const timer = startTimer()
    timer.clock.advance(dayMs - 1)
    assert.equal(timer.rang, 0)
    timer.clock.advance(1)
    timer.clock.advance(dayMs)
    assert.equal(timer.rang, 1)
  })

  it('rings soon after the time was set forward', () => {
    const timer = startTimer()
    timer.clock.jump(dayMs)
    timer.clock.advance(30_000)
    assert.equal(timer.rang, 1)
  })

  it('waits longer when the time was set back', () => {
    const timer = startTimer()
    timer.clock.jump(-dayMs)
    timer.clock.advance(dayMs)
    assert.equal(timer.rang, 0)
    timer.clock.advance(dayMs)
    assert.equal(timer.rang, 1)
  })

  it('can be cancelled', () => {
    const timer = startTimer()
    timer.clock.advance(60_000)
    timer.cancel()
    timer.clock.advance(2 * dayMs)
    assert.equal(timer.rang, 0)
  })
})

describe('a timer by the time of day that has a beginning', () => {
  it('rings soon after the time was set back to before it, and not for a little', () => {
    const clock = new FakeClock()
    let rang = 0
    const times = { from: clock.wall() - 60_000, to: clock.wall() + dayMs }
    outsideWallTimes(clock, times, () => (rang += 1))
    clock.jump(-59_000)
    clock.advance(60_000)
    assert.equal(rang, 0)
    clock.jump(-dayMs)
    clock.advance(30_000)
    assert.equal(rang, 1)
  })
})
