import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NameRecord } from '../registry/name-record.ts'
import { describeMessage, describeRecord } from '../testing/describe-message.ts'
import { hostname } from '../testing/mesh.ts'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'

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
})
