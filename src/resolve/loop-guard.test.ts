import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeMessage } from '../testing/describe-message.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'
import { rcode } from '../wire/rcode.ts'
import { upstreamLoop } from './health.ts'

const two = 'nameserver 192.0.2.1\nnameserver 192.0.2.2\n'

describe('a loop', () => {
  /** Every question that goes to an upstream comes back as a client's. */
  function echo(rig: ResolverRig, rounds: number): void {
    let seen = 0
    for (let round = 0; round < rounds; round += 1) {
      const fresh = rig.asked.slice(seen)
      seen = rig.asked.length
      for (const exchange of fresh) {
        rig.send(exchange.octets, {}, (reply) => rig.received(exchange, reply))
      }
    }
  }

  it('is found after a handful of rounds and cut, and the question ends in SERVFAIL', () => {
    const rig = new ResolverRig()
    const replies = rig.query('x.up.test. A', { edns: {} })
    echo(rig, 50)
    assert.deepEqual(replies.map(describeMessage), [['SERVFAIL']])
    assert.equal(rig.health.items()[0]?.code, upstreamLoop.code)
    assert.ok(rig.asked.length < 20, `${rig.asked.length} packets`)
    assert.equal(rig.open.length, 0)
  })

  it('is left alone for a while, then tried again', () => {
    const rig = new ResolverRig()
    rig.query('x.up.test. A')
    echo(rig, 50)
    const before = rig.asked.length
    assert.deepEqual(describeMessage(rig.answer('y.up.test. A')), ['SERVFAIL'])
    assert.equal(rig.asked.length, before)
    rig.clock.advance(30_000)
    rig.query('z.up.test. A')
    assert.equal(rig.asked.length, before + 1)
    assert.equal(rig.health.items().length, 0)
  })

  it('does not keep another server from answering', () => {
    const rig = new ResolverRig({ resolvConf: two })
    const replies = rig.query('x.up.test. A')
    for (let round = 0; round < 12; round += 1) {
      for (const exchange of rig.open.filter(({ server }) => server.address === '192.0.2.1')) {
        rig.send(exchange.octets, {}, () => {})
      }
    }
    for (const exchange of Array.from(rig.open)) rig.upstream({ answers: [] }, exchange)
    assert.equal(replies[0]?.rcode, rcode.NOERROR)
  })

  it('is not suspected when one client asks the same twice', () => {
    const rig = new ResolverRig()
    for (let round = 0; round < 3; round += 1) rig.query('x.up.test. A')
    assert.equal(rig.asked.length, 3)
  })
})
