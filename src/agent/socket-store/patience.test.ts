import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../../testing/fake-clock.ts'
import { Patience } from './patience.ts'

interface Case {
  readonly name: string
  /** Seconds of serving (+) and of nobody serving (-), in turn. */
  readonly course: readonly number[]
  readonly ends: number
}

const cases: readonly Case[] = [
  { name: 'ends when nobody comes again', course: [1, -30], ends: 1 },
  { name: 'lasts while somebody comes in time', course: [1, -29, 1], ends: 0 },
  {
    name: 'adds up the times away of one that serves for moments',
    course: [1, -14, 1, -15.9],
    ends: 0,
  },
  { name: 'ends when they are too long together', course: [1, -14, 1, -16], ends: 1 },
  { name: 'begins anew after somebody has served for long', course: [1, -20, 30, -29], ends: 0 },
  {
    name: 'is over at once for one that comes for moments again',
    course: [1, -30, 1, -0.1],
    ends: 2,
  },
  { name: 'does not run before somebody has served', course: [-100], ends: 0 },
]

describe('Patience of 30 seconds', () => {
  for (const { name, course, ends } of cases) {
    it(name, () => {
      const clock = new FakeClock()
      let ended = 0
      const patience = new Patience(30_000, clock, () => void (ended += 1))
      for (const seconds of course) {
        if (seconds > 0) patience.begin()
        else patience.end()
        clock.advance(Math.abs(seconds) * 1_000)
      }
      assert.equal(ended, ends)
    })
  }

  it('forgets what was, and waits for nothing, when there is nothing to wait for', () => {
    const clock = new FakeClock()
    let ended = 0
    const patience = new Patience(30_000, clock, () => void (ended += 1))
    patience.begin()
    patience.end()
    clock.advance(20_000)
    patience.forgive()
    clock.advance(20_000)
    patience.begin()
    patience.end()
    clock.advance(29_000)
    assert.equal(ended, 0)
  })

  it('is not over for somebody who came while we were held up', () => {
    let nowMs = 0
    let timers: readonly (() => void)[] = []
    const clock = {
      now: () => nowMs,
      wall: () => nowMs,
      after(_delayMs: number, callback: () => void) {
        timers = [...timers, callback]
        return () => (timers = timers.filter((other) => other !== callback))
      },
    }
    const fire = () => {
      const due = timers
      timers = []
      for (const callback of due) callback()
    }
    let ended = 0
    const patience = new Patience(30_000, clock, () => void (ended += 1))
    patience.begin()
    patience.end()
    nowMs = 60_000
    fire()
    patience.begin()
    fire()
    assert.equal(ended, 0)
  })
})
