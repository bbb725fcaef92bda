import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { Seldom } from './seldom.ts'

const times = (count: number, seldom: Seldom, kind = 'a') =>
  Array.from({ length: count }, () => seldom.countToTell(kind))

describe('Seldom', () => {
  it('tells of the first ones by themselves, and then of one a second with the count of the others', () => {
    const clock = new FakeClock()
    const seldom = new Seldom(clock)
    assert.deepEqual(times(25, seldom), [...Array(20).fill(1), 0, 0, 0, 0, 0])
    clock.advance(999)
    assert.equal(seldom.countToTell('a'), 0)
    clock.advance(1)
    assert.equal(seldom.countToTell('a'), 7)
    assert.equal(seldom.countToTell('a'), 0)
  })

  it('tells of each one again after a quiet time', () => {
    const clock = new FakeClock()
    const seldom = new Seldom(clock)
    times(100, seldom)
    clock.advance(60_000)
    assert.deepEqual(times(3, seldom), [81, 1, 1])
  })

  it('counts each kind by itself', () => {
    const seldom = new Seldom(new FakeClock())
    times(100, seldom)
    assert.equal(seldom.countToTell('b'), 1)
  })
})
