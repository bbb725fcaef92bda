import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { queryAnswered } from '../base/events.ts'
import type { NameRecord } from '../registry/name-record.ts'
import { describeMessage, describeRecord } from '../testing/describe-message.ts'
import { hostname } from '../testing/mesh.ts'
import { nameRecord } from '../testing/name-records.ts'
import { queryOctets, ResolverRig } from '../testing/resolver-rig.ts'
import { decodeMessage } from '../wire/message.ts'
import { dnsCachedAnswers } from './meters.ts'

const hosts: readonly NameRecord[] = [
  nameRecord('plain.mesh.test', ['10.9.0.1']),
  nameRecord('auto.mesh.test', ['240.240.0.1', '2001:2::1']),
  nameRecord('*.wild.test', ['240.240.0.2']),
]

describe('what is kept ready', () => {
  const addresses = Array.from({ length: 15 }, (_, index) => `10.1.0.${index}`)

  it('lets each of 15 addresses be first equally often', () => {
    const rig = new ResolverRig({ hosts: [nameRecord('many.test', addresses)] })
    const firsts = new Map<string, number>()
    for (let round = 0; round < 30_000; round += 1) {
      const [, first = ''] = describeMessage(rig.answer('many.test. A', { transport: 'tcp' }))
      firsts.set(first, (firsts.get(first) ?? 0) + 1)
    }
    assert.deepEqual(
      [...firsts.values()],
      addresses.map(() => 2_000),
    )
  })

  it('never loses or repeats an address while they take turns', () => {
    const rig = new ResolverRig({ hosts: [nameRecord('many.test', addresses)] })
    for (let round = 0; round < 40; round += 1) {
      const records = rig.answer('many.test. A').answers.map(describeRecord)
      assert.deepEqual(records.sort(), addresses.map((address) => `many.test. A ${address}`).sort())
    }
  })

  it('is forgotten for the hosts that changed, and only for them', () => {
    const rig = new ResolverRig({ hosts })
    rig.answer('plain.mesh.test. A')
    rig.answer('auto.mesh.test. A')
    rig.resolver.updateHosts({ put: [nameRecord('plain.mesh.test', ['10.9.9.9'])], drop: [] })
    const first = rig.answer('plain.mesh.test. A')
    assert.deepEqual(describeMessage(first), ['NOERROR', 'plain.mesh.test. A 10.9.9.9'])
    rig.resolver.updateHosts({ put: [], drop: [hostname('plain.mesh.test')] })
    assert.deepEqual(rig.query('plain.mesh.test. A'), [])
    assert.deepEqual(describeMessage(rig.answer('auto.mesh.test. A')).length, 2)
  })

  it('follows a new host into a wildcard and out of it', () => {
    const rig = new ResolverRig({ hosts })
    assert.match(describeMessage(rig.answer('b.wild.test. A')).join(), /240\.240\.0\.2/)
    rig.resolver.updateHosts({ put: [nameRecord('b.wild.test', ['10.9.0.3'])], drop: [] })
    assert.match(describeMessage(rig.answer('b.wild.test. A')).join(), /10\.9\.0\.3/)
    rig.resolver.updateHosts({ put: [], drop: [hostname('b.wild.test')] })
    assert.match(describeMessage(rig.answer('b.wild.test. A')).join(), /240\.240\.0\.2/)
  })

  it('makes room for newer answers', () => {
    const rig = new ResolverRig({ hosts, resolver: { cachedAnswers: 10 } })
    for (let round = 0; round < 100; round += 1) rig.answer(`n${round}.wild.test. A`)
    assert.match(describeMessage(rig.answer('n0.wild.test. A')).join(), /n0\.wild\.test/)
  })

  it('works with nothing kept at all', () => {
    const rig = new ResolverRig({ hosts, resolver: { cachedAnswers: 0 } })
    for (let round = 0; round < 3; round += 1) {
      assert.equal(rig.answer('plain.mesh.test. A', { id: round }).id, round)
    }
  })

  it('fits every size that a client may announce', () => {
    const many = Array.from({ length: 120 }, (_, index) => `10.2.0.${index}`)
    const rig = new ResolverRig({ hosts: [nameRecord('many.test', many)] })
    for (let size = 0; size < 4_200; size += 1) {
      const edns = { udpPayloadOctets: size }
      const message = rig.answer('many.test. A', { edns })
      const whole = message.answers.length === many.length
      assert.equal(message.truncated, !whole, `${size}`)
    }
    const plain = rig.answer('many.test. A')
    assert.ok(plain.truncated && plain.answers.length === 30)
    assert.equal(rig.answer('many.test. A', { transport: 'tcp' }).answers.length, 120)
  })

  it('lets each address be first equally often where they do not all fit', () => {
    const many = Array.from({ length: 60 }, (_, index) => `10.2.0.${index}`)
    const rig = new ResolverRig({ hosts: [nameRecord('many.test', many)] })
    rig.answer('many.test. A')
    const firsts = new Map<string, number>()
    for (let round = 0; round < 600; round += 1) {
      const [, first = ''] = describeMessage(rig.answer('many.test. A'))
      firsts.set(first, (firsts.get(first) ?? 0) + 1)
    }
    assert.deepEqual(
      [...firsts.values()],
      many.map(() => 10),
    )
  })

  it('may be more than a message can have', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => `10.2.${at >> 8}.${at & 255}`)
    const rig = new ResolverRig({ hosts: [nameRecord('many.test', many)] })
    for (const edns of [undefined, { udpPayloadOctets: 1232 }]) {
      const options = edns ? { edns } : {}
      for (const transport of ['udp', 'tcp', 'udp', 'tcp'] as const) {
        const message = rig.answer('many.test. A', { transport, ...options })
        assert.ok(message.truncated)
        assert.equal(message.edns !== undefined, edns !== undefined)
        assert.ok(message.answers.length >= (transport === 'tcp' ? 4_090 : 29))
      }
    }
  })

  it('is cut where its records take no turns', () => {
    const http = { name: 'http', protocol: 'tcp', number: 80 } as const
    const endpoints = Array.from({ length: 1_500 }, (_, at) => ({
      label: `e-${at}`,
      addresses: nameRecord('x.y', [`10.2.${at >> 8}.${at & 255}`]).addresses,
      ports: [http],
    }))
    const rig = new ResolverRig({ hosts: [nameRecord('many.test', ['10.2.0.1'], { endpoints })] })
    for (const transport of ['udp', 'tcp', 'udp', 'tcp'] as const) {
      const message = rig.answer('_http._tcp.many.test. SRV', { transport })
      assert.ok(message.truncated)
      assert.ok(message.answers.length >= (transport === 'tcp' ? 1_300 : 10))
    }
  })

  it('is kept once for a question, also where it is made anew each time', () => {
    const rig = new ResolverRig({ hosts })
    const listen = () => {}
    queryAnswered.subscribe(listen)
    for (let round = 0; round < 3; round += 1) rig.answer('plain.mesh.test. A')
    queryAnswered.unsubscribe(listen)
    assert.equal(rig.meters.readings().get(dnsCachedAnswers)?.(), 1)
  })

  it('has the flags of each query, not those of the first one', () => {
    const rig = new ResolverRig({ hosts })
    for (const flags of [true, false, true]) {
      const octets = queryOctets('plain.mesh.test. A')
      octets[2] = flags ? 0x01 : 0
      octets[3] = flags ? 0x10 : 0
      rig.send(octets, {}, (reply) => {
        const { recursionDesired, checkingDisabled } = decodeMessage(reply)
        assert.deepEqual([recursionDesired, checkingDisabled], [flags, flags])
      })
    }
  })
})
