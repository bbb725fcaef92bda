import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nameRecord } from '../testing/name-records.ts'
import { queryOctets, ResolverRig } from '../testing/resolver-rig.ts'
import { decodeMessage, encodeMessage, type Message } from '../wire/message.ts'
import { rcode } from '../wire/rcode.ts'
import type { ResourceRecord } from '../wire/record.ts'
import { dnsServfails } from './meters.ts'

function addresses(name: string, count: number): readonly ResourceRecord[] {
  const many = Array.from({ length: count }, (_, index) => `10.3.0.${index}`)
  const rig = new ResolverRig({ hosts: [nameRecord(name.slice(0, -1), many)] })
  return rig.answer(`${name} A`, { transport: 'tcp' }).answers
}

describe('sizes', () => {
  const giant = (name: string) => ({ answers: addresses(name, 64) })
  const overUdp = (rig: ResolverRig, parts: Partial<Message>) => rig.upstream(parts)

  it('cuts a reply that is larger than the client takes, and says so', () => {
    const rig = new ResolverRig()
    const replies = rig.query('giant. A')
    overUdp(rig, giant('giant.'))
    const [reply] = replies
    assert.ok(reply?.truncated)
    assert.equal(reply?.rcode, rcode.NOERROR)
    assert.equal(rig.meters.cell(dnsServfails, '').value, 0)
  })

  it('gives all of it to a client that takes it', () => {
    for (const options of [{ edns: { udpPayloadOctets: 65_535 } }, { transport: 'tcp' } as const]) {
      const rig = new ResolverRig()
      const replies = rig.query('giant. A', options)
      rig.upstream(giant('giant.'))
      assert.equal(replies[0]?.answers.length, 64)
      assert.equal(replies[0]?.truncated, false)
    }
  })

  it('asks again over TCP when a reply is truncated, and gives what fits', () => {
    const rig = new ResolverRig()
    const replies = rig.query('giant-tc. A')
    rig.upstream({ truncated: true })
    const [again] = rig.open
    assert.equal(again?.transport, 'tcp')
    rig.upstream(giant('giant-tc.'))
    // 12 octets of header, 14 of question, 30 records of 16: 506 of 512.
    assert.equal(replies[0]?.answers.length, 30)
    assert.ok(replies[0]?.truncated)
  })

  it('gives the truncated reply when TCP fails', () => {
    const rig = new ResolverRig()
    const replies = rig.query('giant-tc. A')
    rig.upstream({ truncated: true, answers: addresses('giant-tc.', 3) })
    rig.clock.advance(5_000)
    rig.upstream({ truncated: true, answers: addresses('giant-tc.', 3) }, rig.open.at(-1))
    rig.clock.advance(5_000)
    assert.equal(replies[0]?.answers.length, 3)
    assert.ok(replies[0]?.truncated)
  })

  it('passes on what it cannot read, as long as it fits', () => {
    const rig = new ResolverRig()
    const octets: Uint8Array[] = []
    rig.send(queryOctets('x.up.test. A', { id: 5 }), {}, (reply) => octets.push(reply))
    const [exchange] = rig.open
    assert.ok(exchange)
    const good = encodeMessage({ ...decodeMessage(exchange.octets), response: true })
    const odd = Buffer.concat([good, Buffer.from('trailing')])
    odd[11] = 7
    rig.received(exchange, odd)
    assert.equal(Buffer.from(octets[0] ?? []).toString('hex', 2), odd.toString('hex', 2))
  })

  it('fails an alias for which it gets what it cannot read', () => {
    const alias = nameRecord('alias.test', [], { externalName: 'x.up.test' })
    const rig = new ResolverRig({ hosts: [alias] })
    const replies = rig.query('alias.test. A')
    const [exchange] = rig.open
    assert.ok(exchange)
    const odd = Buffer.from(encodeMessage({ ...decodeMessage(exchange.octets), response: true }))
    odd[11] = 7
    rig.received(exchange, odd)
    assert.equal(replies[0]?.rcode, rcode.SERVFAIL)
    assert.equal(replies[0]?.questions[0]?.name, 'alias.test.')
  })

  it('tells the client to use TCP when what it cannot read does not fit', () => {
    const rig = new ResolverRig()
    const replies = rig.query('X.up.test. A')
    const [exchange] = rig.open
    assert.ok(exchange)
    const good = encodeMessage({ ...decodeMessage(exchange.octets), response: true })
    const odd = Buffer.concat([good, Buffer.alloc(600)])
    odd[11] = 7
    rig.received(exchange, odd)
    assert.ok(replies[0]?.truncated)
    assert.equal(replies[0]?.questions[0]?.name, 'X.up.test.')
  })
})
