import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Turns } from './turns.ts'

describe('Turns', () => {
  it('let so many run at a time, in order, whatever becomes of them', async () => {
    const turns = new Turns(2)
    const begun: number[] = []
    const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
    const all = gates.map((gate, index) =>
      turns.take(async () => {
        begun.push(index)
        await gate.promise
      }),
    )
    const settled = Promise.allSettled(all)
    assert.deepEqual(begun, [0, 1])
    gates[1]?.reject(new Error('no'))
    await assert.rejects(all[1] ?? Promise.resolve())
    assert.deepEqual(begun, [0, 1, 2])
    for (const gate of gates) gate.resolve()
    await settled
    assert.deepEqual(begun, [0, 1, 2, 3])
    assert.equal(await turns.take(async () => 5), 5)
  })
})
