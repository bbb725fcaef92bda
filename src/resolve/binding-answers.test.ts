import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeMessage, describeRecord } from '../testing/describe-message.ts'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'

const hosts = [
  nameRecord('auto.mesh.test', ['240.240.0.1']),
  nameRecord('*.wild.test', ['240.240.0.2']),
]

interface Case {
  readonly question: string
  /** Owner of the SOA; nothing when an upstream is asked. */
  readonly zone?: string
}

const cases: readonly Case[] = [
  { question: '_8443._https.auto.mesh.test. HTTPS', zone: 'auto.mesh.test.' },
  { question: '_8443._HTTPS.Auto.mesh.test. HTTPS', zone: 'Auto.mesh.test.' },
  { question: '_dns.auto.mesh.test. SVCB', zone: 'auto.mesh.test.' },
  { question: '_8443._https.auto.mesh.test.ns1.test. HTTPS', zone: 'auto.mesh.test.ns1.test.' },
  { question: '_8443._https.other.test. HTTPS' },
  { question: '_8443._https. HTTPS' },
  { question: '_acme-challenge.auto.mesh.test. TXT' },
  { question: 'a._dns.auto.mesh.test. SVCB' },
  // A dot inside of a label ends none.
  { question: '_8443\\..auto.mesh.test. HTTPS' },
  { question: '_8443\\._https.auto.mesh.test. HTTPS' },
]

describe('hints for another port of a host (RFC 9460 §2.3)', () => {
  for (const { question, zone } of cases) {
    it(`${question} is ${zone === undefined ? 'for an upstream' : 'empty'}`, () => {
      const rig = new ResolverRig({ hosts, resolvConf: 'nameserver 192.0.2.53\nsearch ns1.test\n' })
      const [reply] = rig.query(question)
      assert.equal(rig.asked.length, zone === undefined ? 1 : 0)
      if (zone === undefined) return
      assert.ok(reply)
      assert.deepEqual(describeMessage(reply), ['NOERROR'])
      const owner = reply.authorities.map((record) => describeRecord(record).toLowerCase())
      assert.deepEqual(owner, [`${zone.toLowerCase()} soa 30`])
    })
  }
})
