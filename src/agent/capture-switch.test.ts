import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../base/log.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { until } from '../testing/until.ts'
import { CaptureSwitch } from './capture-switch.ts'

function createRig() {
  const clock = new FakeClock()
  const done: string[] = []
  const state = { pending: 0, broken: false }
  const capture = {
    async start() {
      if (state.broken) throw new Error('broken')
      done.push('start')
      return this as never
    },
    async stop() {
      done.push('stop')
    },
    async remove() {
      done.push('remove')
    },
  }
  const pending = () => state.pending
  const switched = new CaptureSwitch({ clock, log: silentLog, capture, pending })
  return { clock, done, state, switched }
}

describe('the switch of capture', () => {
  it('does nothing that is done already', async () => {
    const { done, switched } = createRig()
    await switched.set(false)
    await switched.set(true)
    await switched.set(true)
    await switched.stop()
    await switched.remove()
    await switched.remove()
    assert.deepEqual(done, ['start', 'stop', 'remove'])
  })

  it('leaves rules alone that were never set', async () => {
    const { done, switched } = createRig()
    await switched.stop()
    await switched.remove()
    assert.deepEqual(done, [])
  })

  it('takes the rules away when nothing is under way any more', async () => {
    const { clock, done, state, switched } = createRig()
    await switched.set(true)
    state.pending = 1
    await switched.set(false)
    clock.advance(10_000)
    assert.deepEqual(done, ['start', 'stop'])
    state.pending = 0
    clock.advance(1_000)
    await until(() => done.includes('remove'))
  })

  it('keeps the rules when it is on again before that', async () => {
    const { clock, done, switched } = createRig()
    await switched.set(true)
    await switched.set(false)
    await switched.set(true)
    clock.advance(10_000)
    await new Promise(setImmediate)
    assert.deepEqual(done, ['start', 'stop', 'start'])
  })

  it('goes by the last word when several come at once', async () => {
    const { done, switched } = createRig()
    await Promise.all([switched.set(true), switched.set(false), switched.set(true)])
    assert.equal(done.at(-1), 'start')
  })

  it('can be tried again after a failure', async () => {
    const { done, state, switched } = createRig()
    state.broken = true
    await assert.rejects(switched.set(true), /broken/)
    state.broken = false
    await switched.set(true)
    assert.deepEqual(done, ['start'])
  })
})
