import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Backoff } from './backoff.ts'

const bounds = { minMs: 250, maxMs: 1_000 }

describe('Backoff', () => {
  it('draws below a bound that doubles up to the greatest', () => {
    const backoff = new Backoff(bounds, () => 32_768)
    assert.deepEqual(
      [1, 2, 3, 4].map(() => backoff.next()),
      [125, 250, 500, 500],
    )
  })

  it('begins anew after a reset', () => {
    const backoff = new Backoff(bounds, () => 32_768)
    backoff.next()
    backoff.next()
    backoff.reset()
    assert.equal(backoff.next(), 125)
  })

  it('may not wait at all, and never as long as the bound', () => {
    assert.equal(new Backoff(bounds, () => 0).next(), 0)
    assert.ok(new Backoff(bounds, () => 65_535).next() < 250)
  })
})
