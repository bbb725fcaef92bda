import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { givenCapture } from './given-capture.ts'

describe('capture by rules of somebody else', () => {
  it('goes on for a while after a stop', async () => {
    const clock = new FakeClock()
    let isOver = false
    const stop = async () => {
      await givenCapture({ lingerMs: 5_000 }, { clock }).stop()
      isOver = true
    }
    const stopping = stop()
    clock.advance(4_999)
    await Promise.resolve()
    assert.equal(isOver, false)
    clock.advance(1)
    await stopping
  })

  it('ends at once where nobody is served any more', async () => {
    await givenCapture({ lingerMs: 0 }, { clock: new FakeClock() }).stop()
  })
})
