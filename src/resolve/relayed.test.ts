import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseSocketAddress } from '../ip/socket-address.ts'
import { describeMessage } from '../testing/describe-message.ts'
import { nameRecord } from '../testing/name-records.ts'
import { queryOctets, ResolverRig } from '../testing/resolver-rig.ts'
import { extendedErrorsOf } from '../wire/extended-error.ts'
import { decodeMessage, encodeMessage } from '../wire/message.ts'
import { rcode } from '../wire/rcode.ts'
import type { ResourceRecord } from '../wire/record.ts'
import { dnsUpstreamFailures } from './meters.ts'

const two = 'nameserver 192.0.2.1\nnameserver 192.0.2.2\n'

function addresses(name: string, count: number): readonly ResourceRecord[] {
  const many = Array.from({ length: count }, (_, index) => `10.3.0.${index}`)
  const rig = new ResolverRig({ hosts: [nameRecord(name.slice(0, -1), many)] })
  return rig.answer(`${name} A`, { transport: 'tcp' }).answers
}

function askedServers(rig: ResolverRig): string[] {
  return rig.asked.map(({ server }) => server.address)
}

describe('forwarding', () => {
  it('passes every section and the rcode on as the upstream sent them', () => {
    const rig = new ResolverRig()
    const [record] = addresses('x.up.test.', 1)
    const [other] = addresses('y.up.test.', 1)
    assert.ok(record && other)
    for (const code of [rcode.NOERROR, rcode.NXDOMAIN, rcode.NOTIMP, rcode.YXDOMAIN]) {
      const replies = rig.query('x.up.test. SRV', { id: 9 })
      rig.upstream({ rcode: code, answers: [record], authorities: [other], additionals: [other] })
      const [reply] = replies
      assert.equal(reply?.id, 9)
      assert.equal(reply?.rcode, code)
      assert.deepEqual(reply?.answers, [record])
      assert.deepEqual(reply?.authorities, [other])
      assert.deepEqual(reply?.additionals, [other])
    }
  })

  it('gives its questions IDs and lanes that differ from query to query', () => {
    const rig = new ResolverRig()
    for (let round = 0; round < 200; round += 1) rig.query(`n${round}.up.test. A`, { id: 1 })
    const ids = new Set(rig.asked.map(({ octets }) => ((octets[0] ?? 0) << 8) | (octets[1] ?? 0)))
    assert.ok(ids.size > 190)
    assert.ok(new Set(rig.asked.map(({ lane }) => lane)).size > 32)
  })

  it('takes a reply only from its server, lane, ID and question', () => {
    const rig = new ResolverRig({ resolvConf: two })
    const replies = rig.query('x.up.test. A')
    const [exchange] = rig.open
    assert.ok(exchange)
    const good = encodeMessage({ ...decodeMessage(exchange.octets), response: true })
    const stranger = parseSocketAddress('192.0.2.9:53')
    rig.received({ ...exchange, server: stranger }, good)
    rig.received({ ...exchange, lane: (exchange.lane + 1) % 64 }, good)
    const wrongId = good.slice()
    wrongId[0] = (wrongId[0] ?? 0) ^ 1
    rig.received(exchange, wrongId)
    const questions = decodeMessage(queryOctets('y.up.test. A')).questions
    rig.received(exchange, encodeMessage({ ...decodeMessage(good), questions }))
    rig.received(exchange, exchange.octets)
    assert.deepEqual(replies, [])
    rig.received(exchange, good)
    assert.equal(replies.length, 1)
    rig.received(exchange, good)
    assert.equal(replies.length, 1)
  })

  it('asks the next server on time-out, transport error, SERVFAIL and REFUSED', () => {
    const resolvConf = `${two}nameserver 192.0.2.3\nnameserver 192.0.2.4\noptions timeout:2\n`
    const rig = new ResolverRig({ resolvConf })
    const replies = rig.query('x.up.test. A')
    rig.upstream({ rcode: rcode.SERVFAIL })
    rig.upstream({ rcode: rcode.REFUSED })
    const [third] = rig.open
    assert.ok(third)
    rig.resolver.failed(third.server, third.lane, 'connection refused', rig.clock.now())
    rig.clock.advance(1_999)
    assert.equal(rig.asked.length, 4)
    rig.clock.advance(1)
    // Those who refused are not asked again in the second attempt.
    assert.deepEqual(
      askedServers(rig),
      [1, 2, 3, 4, 3].map((last) => `192.0.2.${last}`),
    )
    assert.deepEqual(replies, [])
    rig.upstream({ rcode: rcode.NXDOMAIN }, rig.open.at(-1))
    assert.deepEqual(replies.map(describeMessage), [['NXDOMAIN']])
    assert.equal(rig.open.length, 0)
  })

  it('gives the refusal itself when no server does better', () => {
    const rig = new ResolverRig({ resolvConf: two })
    const replies = rig.query('x.up.test. A')
    rig.upstream({ rcode: rcode.REFUSED })
    rig.upstream({ rcode: rcode.SERVFAIL })
    assert.deepEqual(replies.map(describeMessage), [['SERVFAIL']])
  })

  it('still takes a reply that comes after its time, while another server is asked', () => {
    const rig = new ResolverRig({ resolvConf: two })
    const replies = rig.query('x.up.test. A')
    const [late] = rig.open
    rig.clock.advance(5_000)
    assert.equal(rig.open.length, 2)
    rig.upstream({}, late)
    assert.equal(replies.length, 1)
    assert.equal(rig.open.length, 0)
  })

  it('ends in SERVFAIL with the reason when nobody answers, after all attempts', () => {
    const rig = new ResolverRig({ resolvConf: `${two}options timeout:1 attempts:3\n` })
    const replies = rig.query('x.up.test. A', { edns: {} })
    rig.clock.advance(5_999)
    assert.equal(replies.length, 0)
    rig.clock.advance(1)
    const [reply] = replies
    assert.equal(reply?.rcode, rcode.SERVFAIL)
    assert.deepEqual(reply?.edns && extendedErrorsOf(reply.edns), [
      { code: 23, text: 'no reply in time' },
    ])
    assert.equal(rig.asked.length, 6)
    assert.equal(rig.meters.cell(dnsUpstreamFailures).value, 1)
  })

  it('lets a shorter time-out count at once', () => {
    const rig = new ResolverRig({
      resolvConf: 'nameserver 192.0.2.1\noptions timeout:30 attempts:1\n',
    })
    rig.query('x.up.test. A')
    rig.resolvConf('nameserver 192.0.2.1\noptions timeout:1 attempts:1\n')
    const replies = rig.query('y.up.test. A')
    rig.clock.advance(1_000)
    assert.deepEqual(replies.map(describeMessage), [['SERVFAIL']])
  })

  it('honours its own time-out before that of resolv.conf', () => {
    const rig = new ResolverRig({ resolver: { forwardTimeoutMs: 100 } })
    const replies = rig.query('x.up.test. A')
    rig.clock.advance(199)
    assert.deepEqual(replies, [])
    rig.clock.advance(1)
    assert.deepEqual(replies.map(describeMessage), [['SERVFAIL']])
  })

  it('begins with another server each time when told to rotate, else with the first', () => {
    for (const [options, want] of [
      ['options rotate\n', [1, 2, 1]],
      ['', [1, 1, 1]],
    ] as const) {
      const rig = new ResolverRig({ resolvConf: two + options })
      for (const name of ['a', 'b', 'c']) rig.query(`${name}.up.test. A`)
      assert.deepEqual(
        askedServers(rig),
        want.map((last) => `192.0.2.${last}`),
      )
    }
  })

  it('asks all servers at once when told to, and the first good reply wins', () => {
    const rig = new ResolverRig({ resolvConf: two, resolver: { forwardParallel: true } })
    const replies = rig.query('x.up.test. A')
    assert.equal(rig.open.length, 2)
    rig.upstream({ rcode: rcode.SERVFAIL }, rig.open[0])
    assert.deepEqual(replies, [])
    rig.upstream({ rcode: rcode.NXDOMAIN })
    assert.deepEqual(replies.map(describeMessage), [['NXDOMAIN']])
    assert.equal(rig.open.length, 0)
  })

  it('answers with SERVFAIL at once when there is no server, in parallel too', () => {
    const own = [parseSocketAddress('127.0.0.1:53')]
    for (const forwardParallel of [false, true]) {
      const resolvConf = 'nameserver 127.0.0.1\n'
      const rig = new ResolverRig({ resolvConf, own, resolver: { forwardParallel } })
      assert.deepEqual(describeMessage(rig.answer('x.up.test. A')), ['SERVFAIL'])
      assert.equal(rig.health.items()[0]?.code, 'UPSTREAM_NONE')
    }
  })

  it('uses TCP for clients that do, and for all when resolv.conf says so', () => {
    const rig = new ResolverRig()
    rig.query('x.up.test. A', { transport: 'tcp' })
    rig.resolvConf('nameserver 192.0.2.1\noptions use-vc\n')
    rig.query('y.up.test. A')
    assert.deepEqual(
      rig.asked.map(({ transport }) => transport),
      ['tcp', 'tcp'],
    )
    assert.ok(rig.asked.every(({ lane }) => lane >= 64))
  })

  it('adds EDNS when resolv.conf says so, and takes it off again', () => {
    const rig = new ResolverRig({ resolvConf: 'nameserver 192.0.2.1\noptions edns0\n' })
    const replies = rig.query('x.up.test. A')
    const [exchange] = rig.open
    assert.ok(exchange && decodeMessage(exchange.octets).edns)
    rig.upstream({ answers: addresses('x.up.test.', 2) })
    assert.equal(replies[0]?.edns, undefined)
    assert.equal(replies[0]?.answers.length, 2)
  })

  it('asks the server that the client meant, and no other, when that is not one of ours', () => {
    const rig = new ResolverRig({ resolvConf: two })
    const meant = parseSocketAddress('198.51.100.53:53')
    rig.query('x.up.test. A', { original: meant })
    rig.query('y.up.test. A', { original: parseSocketAddress('192.0.2.2:53') })
    assert.deepEqual(askedServers(rig), ['198.51.100.53', '192.0.2.1'])
  })

  it('leaves questions under way alone when resolv.conf changes', () => {
    const rig = new ResolverRig()
    const replies = rig.query('x.up.test. A')
    rig.resolvConf('nameserver 192.0.2.77\n')
    rig.upstream({})
    assert.equal(replies.length, 1)
    rig.query('y.up.test. A')
    assert.equal(rig.asked.at(-1)?.server.address, '192.0.2.77')
  })

  it('refuses more questions than may wait', () => {
    const rig = new ResolverRig({ resolver: { maxPending: 3 } })
    for (let round = 0; round < 3; round += 1) rig.query(`n${round}.up.test. A`)
    assert.deepEqual(describeMessage(rig.answer('n4.up.test. A')), ['SERVFAIL'])
    rig.upstream({})
    assert.deepEqual(rig.query('n5.up.test. A'), [])
  })

  it('asks upstreams only, for questions of our own', () => {
    const rig = new ResolverRig({ hosts: [nameRecord('auto.test', ['240.240.0.1'])] })
    const client = {
      transport: 'udp',
      describe: () => '',
      originalServer: () => undefined,
    } as const
    const replies: Uint8Array[] = []
    const reply = (octets: Uint8Array) => replies.push(octets)
    rig.resolver.lookup(queryOctets('auto.test. A'), { ...client, reply }, 0)
    assert.equal(rig.asked.length, 1)
  })
})
