import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { domain, facts, hlHost, hosts, rig } from '../testing/cluster-hosts.ts'
import { describeMessage } from '../testing/describe-message.ts'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'

describe('names of a cluster that is not known completely', () => {
  const unknown = [
    `idle.ns1.svc.${domain}. A`,
    `nope.ns1.svc.${domain}. A`,
    `_nope._tcp.web.ns1.svc.${domain}. SRV`,
    `db-7.${hlHost}. A`,
    `1-2-3-4.ns1.pod.${domain}. A`,
    `ns1.svc.${domain}. MX`,
  ]
  for (const [when, given] of [
    ['nothing is known of it', undefined],
    ['something is hidden', { ...facts, complete: false }],
    ['another one is known', { ...facts, domain: 'cluster.other' }],
  ] as const) {
    it(`are asked elsewhere when they are unknown: ${when}`, () => {
      const asked = new ResolverRig({ hosts })
      asked.resolver.setCluster(given)
      for (const question of unknown) asked.query(question)
      assert.equal(asked.asked.length, unknown.length)
      assert.equal(asked.answer(`web.ns1.svc.${domain}. A`).answers.length, 1)
    })
  }

  it('are asked elsewhere where they may belong to a Service that is not understood, and only there', () => {
    const asked = rig()
    const unknownServices = new Set(['odd.ns1', 'hl.ns1', 'idle.ns1'])
    asked.resolver.setCluster({ ...facts, unknownServices })
    const doubtful = [
      'odd.ns1',
      '_http._tcp.odd.ns1',
      'a.odd.ns1',
      'a.b.odd.ns1',
      'db-7.hl.ns1',
      'idle.ns1',
    ]
    for (const name of doubtful) asked.query(`${name}.svc.${domain}. SRV`)
    assert.equal(asked.asked.length, doubtful.length)
    for (const name of ['odd.ns2', 'b.ns1', 'ns1.svc', '_nope._tcp.web.ns1']) {
      assert.deepEqual(describeMessage(asked.answer(`${name}.svc.${domain}. SRV`)), ['NXDOMAIN'])
    }
    assert.equal(asked.answer(`db-0.${hlHost}. A`).answers.length, 1)
  })

  it('are asked elsewhere below an entry that took the name of a Service', () => {
    const entry = nameRecord(`taken.ns1.svc.${domain}`, ['192.0.2.3'])
    const asked = new ResolverRig({ hosts: [...hosts, entry] })
    asked.resolver.setCluster(facts)
    for (const below of ['db-0', '_http._udp.db-0']) {
      asked.query(`${below}.taken.ns1.svc.${domain}. SRV`)
    }
    assert.equal(asked.asked.length, 2)
    const other = asked.answer(`db-0.other.ns1.svc.${domain}. A`)
    assert.deepEqual(describeMessage(other), ['NXDOMAIN'])
  })

  it('are asked elsewhere when a dot before the domain is part of a label', () => {
    const asked = rig()
    asked.resolver.setCluster(facts)
    asked.query(`web\\.${domain}. A`)
    assert.equal(asked.asked.length, 1)
  })

  it('are asked elsewhere again when it is no longer known', () => {
    const asked = rig()
    asked.resolver.setCluster(facts)
    const question = `nope.ns1.svc.${domain}. A`
    assert.deepEqual(describeMessage(asked.answer(question)), ['NXDOMAIN'])
    asked.resolver.setCluster(undefined)
    asked.query(question)
    assert.equal(asked.asked.length, 1)
  })
})
