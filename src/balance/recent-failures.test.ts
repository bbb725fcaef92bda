import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { RecentFailures } from './recent-failures.ts'

describe('RecentFailures', () => {
  it('forgets after the given time, counted from the last failure', () => {
    const clock = new FakeClock()
    const failures = new RecentFailures(clock, 100)
    failures.mark('a')
    clock.advance(60)
    failures.mark('a')
    clock.advance(99)
    assert.equal(failures.has('a'), true)
    clock.advance(1)
    assert.equal(failures.has('a'), false)
  })

  it('is bounded: the oldest is forgotten first', () => {
    const failures = new RecentFailures(new FakeClock(), 100)
    for (let key = 0; key <= 10_000; key += 1) failures.mark(`${key}`)
    assert.deepEqual(
      [failures.has('0'), failures.has('1'), failures.has('10000')],
      [false, true, true],
    )
  })
})
