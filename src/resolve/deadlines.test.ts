import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Deadlines } from './deadlines.ts'

const at = (timeoutMs: number, startMs = 0) => ({ timeoutMs, deadlineMs: startMs + timeoutMs })

describe('deadlines', () => {
  it('of different time-outs do not wait for each other', () => {
    const deadlines = new Deadlines()
    const [slow, quick, later] = [at(5_000), at(100, 10), at(100, 20)]
    for (const waiting of [slow, quick, later]) deadlines.add(waiting)
    assert.equal(deadlines.nextMs(), 110)
    assert.deepEqual(deadlines.takeDue(110), [quick])
    assert.equal(deadlines.nextMs(), 120)
    deadlines.drop(later)
    assert.equal(deadlines.nextMs(), 5_000)
    assert.deepEqual(deadlines.takeDue(4_999), [])
    assert.deepEqual(deadlines.takeDue(5_000), [slow])
    assert.equal(deadlines.nextMs(), Number.POSITIVE_INFINITY)
  })
})
