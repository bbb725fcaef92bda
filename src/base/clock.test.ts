import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from './clock.ts'

describe('systemClock', () => {
  it('takes a time that Node cannot count for a long one, and not for none', async (test) => {
    const warnings: unknown[] = []
    const note = (warning: unknown) => warnings.push(warning)
    process.on('warning', note)
    test.after(() => process.off('warning', note))
    for (const delayMs of [2 ** 31, 1e15, Infinity]) systemClock.after(delayMs, assert.fail)()
    await setImmediate()
    assert.deepEqual(warnings, [])
  })
})
