import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { Burst } from './burst.ts'

function setUp() {
  const clock = new FakeClock()
  const acts: number[] = []
  return { clock, acts, burst: new Burst(10, clock, () => acts.push(clock.now())) }
}

describe('Burst', () => {
  it('acts at once when it is asked alone', () => {
    const { clock, acts, burst } = setUp()
    for (let time = 0; time < 3; time += 1) {
      burst.ask()
      clock.advance(20)
    }
    assert.deepEqual(acts, [0, 20, 40])
  })

  it('acts once for all that is asked within a window, and opens the next', () => {
    const { clock, acts, burst } = setUp()
    for (let time = 0; time < 12; time += 1) {
      burst.ask()
      clock.advance(2)
    }
    clock.advance(100)
    assert.deepEqual(acts, [0, 10, 20, 30])
  })

  it('acts early when it must, and not without being asked', () => {
    const { clock, acts, burst } = setUp()
    burst.flush()
    burst.ask()
    clock.advance(1)
    burst.ask()
    burst.flush()
    burst.flush()
    clock.advance(100)
    assert.deepEqual(acts, [0, 1])
  })

  it('does nothing more after a stop', () => {
    const { clock, acts, burst } = setUp()
    burst.ask()
    burst.ask()
    burst.stop()
    clock.advance(100)
    assert.deepEqual(acts, [0])
  })
})
