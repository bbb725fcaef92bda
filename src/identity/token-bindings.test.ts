import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../testing/fake-clock.ts'
import { TokenBindings } from './token-bindings.ts'

describe('a token that got a certificate', () => {
  it('works again with the same key, and with no other', () => {
    const bindings = new TokenBindings(new FakeClock())
    assert.ok(!bindings.isBound('a'))
    assert.ok(bindings.bind('a', 'key one', 0))
    assert.ok(bindings.bind('a', 'key one', 0))
    assert.ok(!bindings.bind('a', 'key two', 0))
    assert.ok(bindings.bind('b', 'key two', 0))
    assert.ok(bindings.isBound('a'))
  })

  it('is forgotten when it has expired for long, once there are many', () => {
    const clock = new FakeClock()
    const bindings = new TokenBindings(clock)
    const end = clock.wall() + 1_000
    for (let count = 0; count < 1_024; count += 1) bindings.bind(`old ${count}`, 'key', end)
    clock.advance(700_000)
    bindings.bind('new', 'key', clock.wall() + 1_000)
    assert.ok(!bindings.isBound('old 0'))
    assert.ok(bindings.isBound('new'))
  })
})
