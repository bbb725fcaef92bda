import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { stopSignal } from './stop-signal.ts'

describe('stopSignal', () => {
  it('is the first one', async () => {
    const source = new EventEmitter()
    const stopped = stopSignal(source, new FakeClock())
    source.emit('SIGINT', 'SIGINT')
    source.emit('SIGTERM', 'SIGTERM')
    assert.equal(await stopped, 'SIGINT')
  })

  it('takes a signal that comes twice for one, and leaves a later one to the system', () => {
    const source = new EventEmitter()
    const clock = new FakeClock()
    stopSignal(source, clock)
    source.emit('SIGTERM', 'SIGTERM')
    clock.advance(999)
    assert.equal(source.listenerCount('SIGTERM'), 1)
    clock.advance(1)
    assert.deepEqual(source.eventNames(), [])
  })
})
