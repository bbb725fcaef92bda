import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { IssueLimit } from './issue-limit.ts'

describe('a limit of three a minute', () => {
  it('lets three through at once, and then one every twenty seconds', () => {
    const clock = new FakeClock()
    const limit = new IssueLimit(3, clock)
    const take = () => [1, 2, 3, 4].filter(() => limit.take('a')).length
    assert.equal(take(), 3)
    clock.advance(19_000)
    assert.equal(take(), 0)
    clock.advance(1_000)
    assert.equal(take(), 1)
    clock.advance(3_600_000)
    assert.equal(take(), 3)
  })

  it('counts each key by itself', () => {
    const limit = new IssueLimit(1, new FakeClock())
    assert.ok(limit.take('a'))
    assert.ok(limit.take('b'))
    assert.ok(!limit.take('a'))
  })

  it('remembers its keys when there are very many', () => {
    const limit = new IssueLimit(1, new FakeClock())
    for (let count = 0; count < 50_001; count += 1) limit.take(`${count}`)
    assert.ok(!limit.take('0'))
    assert.ok(!limit.take('50000'))
  })
})
