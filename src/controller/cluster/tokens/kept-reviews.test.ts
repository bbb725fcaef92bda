import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../../../testing/fake-clock.ts'
import { KeptReviews } from './kept-reviews.ts'

describe('kept reviews', () => {
  it('are forgotten in time, and the oldest when there are too many', () => {
    const clock = new FakeClock()
    const kept = new KeptReviews<number>(clock, 2)
    kept.keep('a', 1, 100)
    kept.keep('b', 2, 200)
    kept.keep('a', 3, 100)
    kept.keep('c', 4, 100)
    kept.keep('d', 5, 0)
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((token) => kept.get(token)),
      [3, undefined, 4, undefined],
    )
    clock.advance(100)
    assert.equal(kept.get('a'), undefined)
  })
})
