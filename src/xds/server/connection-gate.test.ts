import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../../testing/fake-clock.ts'
import { ConnectionGate } from './connection-gate.ts'
import { XdsLimitOptions } from './options.ts'

function gateOf(limits: Partial<XdsLimitOptions>) {
  const clock = new FakeClock()
  return { clock, gate: new ConnectionGate(clock, XdsLimitOptions.parse(limits)) }
}

describe('ConnectionGate', () => {
  it('lets in as many as there may be in all', () => {
    const { gate } = gateOf({ maxConnections: 2 })
    assert.equal(gate.enter('10.0.0.1'), undefined)
    assert.equal(gate.enter('10.0.0.2'), undefined)
    assert.equal(gate.enter('10.0.0.3'), 'too_many_connections')
    gate.leave('10.0.0.1')
    assert.equal(gate.enter('10.0.0.3'), undefined)
  })

  it('counts the connections of each address', () => {
    const { gate } = gateOf({ maxConnectionsPerAddress: 1 })
    assert.equal(gate.enter('10.0.0.1'), undefined)
    assert.equal(gate.enter('10.0.0.1'), 'too_many_connections_of_address')
    assert.equal(gate.enter('::ffff:10.0.0.1'), 'too_many_connections_of_address')
    assert.equal(gate.enter('10.0.0.2'), undefined)
  })

  it('takes 64 bits of IPv6 for one address', () => {
    const { gate } = gateOf({ maxConnectionsPerAddress: 1 })
    assert.equal(gate.enter('2001:db8::1'), undefined)
    assert.equal(gate.enter('2001:db8::ffff:1'), 'too_many_connections_of_address')
    assert.equal(gate.enter('2001:db8:0:1::1'), undefined)
    assert.equal(gate.enter('fe80::1%eth0'), undefined)
  })

  it('lets in so many of an address per second, after the first that may come at once', () => {
    const { clock, gate } = gateOf({ newConnectionsBurst: 2, newConnectionsPerSecond: 4 })
    const enter = () => gate.enter('10.0.0.1')
    assert.deepEqual([enter(), enter()], [undefined, undefined])
    assert.equal(enter(), 'too_many_new_connections_of_address')
    assert.equal(gate.enter('10.0.0.2'), undefined)
    clock.advance(250)
    assert.deepEqual([enter(), enter()], [undefined, 'too_many_new_connections_of_address'])
    clock.advance(60_000)
    const outcomes = [enter(), enter(), enter()]
    assert.deepEqual(outcomes, [undefined, undefined, 'too_many_new_connections_of_address'])
  })
})
