import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { describeMessage } from '../testing/describe-message.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'
import { decodeMessage } from '../wire/message.ts'
import { rcode } from '../wire/rcode.ts'
import { recordType } from '../wire/record-type.ts'
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

  it('is none when a server asks another one through us, as a captured stub resolver does', () => {
    const rig = new ResolverRig()
    const replies = [1, 2, 3, 4].map(() => rig.query('x.up.test. A', { edns: {} }))
    const elsewhere = { address: parseIp('198.51.100.53'), port: 53 }
    for (const exchange of Array.from(rig.open)) {
      rig.send(exchange.octets, { original: elsewhere }, (reply) => rig.received(exchange, reply))
    }
    for (let round = 0; rig.open.length > 0 && round < 20; round += 1) {
      const exchange = rig.open.find(({ server }) => server.address === elsewhere.address)
      rig.upstream({ answers: [] }, exchange)
    }
    assert.deepEqual(rig.health.items(), [])
    assert.deepEqual(
      replies.flat().map(describeMessage),
      [1, 2, 3, 4].map(() => ['NOERROR']),
    )
  })

  it('through a second agent is found, too', () => {
    const [first, second] = [new ResolverRig(), new ResolverRig()]
    const replies = first.query('x.up.test. A', { edns: {} })
    const seen = { first: 0, second: 0 }
    for (let round = 0; round < 50; round += 1) {
      for (const exchange of first.asked.slice(seen.first)) {
        seen.first += 1
        second.send(exchange.octets, {}, (reply) => first.received(exchange, reply))
      }
      for (const exchange of second.asked.slice(seen.second)) {
        seen.second += 1
        first.send(exchange.octets, {}, (reply) => second.received(exchange, reply))
      }
    }
    assert.deepEqual(replies.map(describeMessage), [['SERVFAIL']])
    assert.ok(seen.first + seen.second < 40, `${seen.first} and ${seen.second} packets`)
  })

  it('through a server that lets equal questions wait is found when it does not reply in time', () => {
    const rig = new ResolverRig()
    const replies = rig.query('x.up.test. A', { edns: {} })
    const [first] = rig.asked
    assert.ok(first)
    rig.send(first.octets, {}, (reply) => rig.received(first, reply))
    assert.equal(rig.asked.length, 2)
    rig.clock.advance(5_000)
    const probe = rig.asked.find(
      ({ octets }) => decodeMessage(octets).questions[0]?.type === recordType.PTR,
    )
    assert.ok(probe)
    rig.send(probe.octets, {}, (reply) => rig.received(probe, reply))
    assert.deepEqual(replies.map(describeMessage), [['SERVFAIL']])
    assert.equal(rig.health.items()[0]?.code, upstreamLoop.code)
  })

  it('is not suspected when one client asks the same twice', () => {
    const rig = new ResolverRig()
    for (let round = 0; round < 3; round += 1) rig.query('x.up.test. A')
    assert.equal(rig.asked.length, 3)
  })
})
