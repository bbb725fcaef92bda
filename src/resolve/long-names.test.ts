import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endpoint, facts, record, domain as short } from '../testing/cluster-hosts.ts'
import { describeMessage } from '../testing/describe-message.ts'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'

/** A name of so many characters, the last dot not counted. */
function nameOf(length: number): string {
  const labels = Array.from({ length: 4 }, () => 'x'.repeat(63)).join('.')
  return `${labels.slice(0, length - 4)}.abc`
}

const longHost = nameOf(230)
const longEndpoint = endpoint('an-endpoint-with-a-name-of-its-own', '10.0.0.4')
const domain = nameOf(245)

interface Case {
  readonly name: string
  readonly question: string
  /** Rcode and records. */
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'an alias for what can be no name comes to nothing',
    question: `alias.ns1.svc.${short}. A`,
    want: ['NXDOMAIN'],
  },
  {
    name: 'endpoints whose names would be too long go by that of their host',
    question: `_http._tcp.${longHost}. SRV`,
    want: ['NOERROR', `_http._tcp.${longHost}. SRV 0 1 80 ${longHost}.`],
  },
  {
    name: 'an address leads back to no host whose name is too long',
    question: '4.0.0.10.in-addr.arpa. PTR',
    want: ['NOERROR', `4.0.0.10.in-addr.arpa. PTR hl.ns1.svc.${short}.`],
  },
]

describe('names that are too long', () => {
  const hosts = [
    record('alias', [], { externalName: nameOf(254) }),
    nameRecord(longHost, ['10.0.0.4'], {
      reverse: [],
      ports: [{ name: 'http', protocol: 'tcp', number: 80 }],
      endpoints: [longEndpoint],
    }),
    nameRecord(nameOf(254), ['10.0.0.4']),
    record('hl', ['10.0.0.4']),
  ]
  for (const { name, question, want } of cases) {
    it(name, () => {
      const rig = new ResolverRig({ hosts })
      rig.resolver.setCluster(facts)
      assert.deepEqual(describeMessage(rig.answer(question)), want)
    })
  }

  it('are no hindrance to a cluster with a long domain', () => {
    const rig = new ResolverRig()
    rig.resolver.setCluster({ ...facts, domain })
    assert.deepEqual(describeMessage(rig.answer(`svc.${domain}. A`)), ['NOERROR'])
    assert.deepEqual(describeMessage(rig.answer(`x.${domain}. A`)), ['NXDOMAIN'])
  })
})
