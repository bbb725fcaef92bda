import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inSlices } from './in-slices.ts'

describe('inSlices', () => {
  it('does at once what is one slice', async () => {
    const done: number[] = []
    const doing = inSlices([1, 2, 3], (one) => done.push(one), 3)
    assert.deepEqual(done, [1, 2, 3])
    await doing
  })

  it('lets others have their turn between slices, in order and nothing left out', async () => {
    const done: (number | string)[] = []
    setImmediate(() => {
      done.push('other')
      setImmediate(() => done.push('other'))
    })
    await inSlices([1, 2, 3, 4, 5], (one) => done.push(one), 2)
    assert.deepEqual(done, [1, 2, 'other', 3, 4, 'other', 5])
  })

  it('ends with the first failure', async () => {
    const fail = () => {
      throw new Error('no')
    }
    await assert.rejects(inSlices([1, 2], fail, 1), /no/)
  })
})
