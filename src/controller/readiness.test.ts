import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ControllerReadiness } from './readiness.ts'

describe('ControllerReadiness', () => {
  it('says what is being waited for, as it changes, until there is nothing', () => {
    const readiness = new ControllerReadiness()
    assert.deepEqual(readiness.current(), { ready: false, reason: 'starting' })
    let left = 2
    readiness.waitFor(() => `waiting for ${left} kinds`)
    left = 1
    assert.deepEqual(readiness.current(), { ready: false, reason: 'waiting for 1 kinds' })
    readiness.ready()
    assert.deepEqual(readiness.current(), { ready: true })
    readiness.waitFor('stopping')
    assert.deepEqual(readiness.current(), { ready: false, reason: 'stopping' })
  })
})
