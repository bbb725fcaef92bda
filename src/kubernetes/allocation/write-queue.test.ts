import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../../testing/fake-clock.ts'
import { Pacer } from './pacer.ts'
import { WriteQueue } from './write-queue.ts'

/** Draws the longest wait. */
const longest = () => 65_536

describe('WriteQueue', () => {
  it('gives each once, first come first, so many at a time', () => {
    const queue = new WriteQueue(longest)
    for (const key of ['a', 'b', 'a', 'c']) queue.add(key)
    assert.deepEqual(
      [queue.take(0, 2), queue.take(0, 2), queue.take(0, 2)],
      [['a', 'b'], ['c'], []],
    )
  })

  it('lets one that failed wait longer each time, also when it is added again', () => {
    const queue = new WriteQueue(longest)
    queue.add('a')
    queue.take(0, 1)
    queue.failed('a', 0)
    queue.add('a')
    assert.deepEqual([queue.take(199, 1), queue.nextAt(), queue.take(200, 1)], [[], 200, ['a']])
    queue.failed('a', 200)
    assert.equal(queue.nextAt(), 600)
  })

  it('forgets failures of one that is done, also when it was added again before', () => {
    const queue = new WriteQueue(longest)
    queue.add('a')
    queue.take(0, 1)
    queue.failed('a', 0)
    queue.take(200, 1)
    queue.add('a')
    queue.done('a')
    queue.add('a')
    assert.equal(queue.nextAt(), 0)
    queue.take(200, 1)
    queue.failed('a', 200)
    assert.equal(queue.nextAt(), 400)
  })

  it('lets one wait that failed, although it was added again before', () => {
    const queue = new WriteQueue(longest)
    queue.add('a')
    queue.take(0, 1)
    queue.add('a')
    queue.failed('a', 0)
    assert.equal(queue.nextAt(), 200)
  })

  it('takes back what was not tried', () => {
    const queue = new WriteQueue(longest)
    queue.add('a')
    queue.take(0, 1)
    queue.putBack()
    assert.deepEqual(queue.take(0, 1), ['a'])
  })
})

describe('Pacer', () => {
  it('lets a second’s worth through at once, and then so many a second', async () => {
    const clock = new FakeClock()
    const pacer = new Pacer(4, clock)
    const { signal } = new AbortController()
    let through = 0
    for (let at = 0; at < 12; at += 1) void pacer.turn(signal).then(() => (through += 1))
    const after = async (ms: number) => {
      clock.advance(ms)
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
      return through
    }
    assert.deepEqual(
      [await after(0), await after(249), await after(1), await after(1_000)],
      [4, 4, 5, 9],
    )
  })
})
