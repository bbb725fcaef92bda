import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clusterSetDomain } from '../registry/name-record.ts'
import { domain, endpoint, facts, hlHost, hosts } from '../testing/cluster-hosts.ts'
import { describeMessage } from '../testing/describe-message.ts'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'

const db = `db.ns1.svc.${clusterSetDomain}`
const cart = `cart.ns1.svc.${clusterSetDomain}`

const imports = [
  nameRecord(db, ['10.0.0.1', '10.2.0.1'], {
    reverse: [],
    cluster: { domain: clusterSetDomain, headless: true },
    endpoints: [endpoint('db-0.east', '10.0.0.1'), endpoint('db-0.west', '10.2.0.1')],
  }),
  nameRecord(cart, ['10.96.0.1', '10.97.0.1'], {
    cluster: { domain: clusterSetDomain, headless: false },
    ports: [{ name: 'http', protocol: 'tcp', number: 80 }],
  }),
]

interface Case {
  readonly question: string
  /** Rcode and records; nothing when it is asked elsewhere. */
  readonly want?: readonly string[]
}

const cases: readonly Case[] = [
  { question: `${db}. A`, want: ['NOERROR', `${db}. A 10.0.0.1`, `${db}. A 10.2.0.1`] },
  { question: `db-0.east.${db}. A`, want: ['NOERROR', `db-0.east.${db}. A 10.0.0.1`] },
  { question: `DB-0.West.${db}. A`, want: ['NOERROR', `DB-0.West.${db}. A 10.2.0.1`] },
  { question: `db-0.east.${db}. AAAA`, want: ['NOERROR'] },
  {
    question: `_http._tcp.${db}. SRV`,
    want: [
      'NOERROR',
      `_http._tcp.${db}. SRV 0 50 8080 db-0.east.${db}.`,
      `_http._tcp.${db}. SRV 0 50 8080 db-0.west.${db}.`,
    ],
  },
  {
    question: `_http._tcp.${cart}. SRV`,
    want: ['NOERROR', `_http._tcp.${cart}. SRV 0 50 80 ${cart}.`],
  },
  // Nobody here knows all of the other clusters.
  { question: `east.${db}. A` },
  { question: `db-0.${db}. A` },
  { question: `db-0.north.${db}. A` },
  { question: `x.db-0.east.${db}. A` },
  { question: `nope.ns1.svc.${clusterSetDomain}. A` },
  // What has a name in the cluster itself is called by that.
  {
    question: '1.0.0.10.in-addr.arpa. PTR',
    want: ['NOERROR', `1.0.0.10.in-addr.arpa. PTR db-0.${hlHost}.`],
  },
  {
    question: '1.0.2.10.in-addr.arpa. PTR',
    want: ['NOERROR', `1.0.2.10.in-addr.arpa. PTR db-0.west.${db}.`],
  },
  {
    question: '1.0.96.10.in-addr.arpa. PTR',
    want: ['NOERROR', `1.0.96.10.in-addr.arpa. PTR web.ns1.svc.${domain}.`],
  },
  {
    question: '1.0.97.10.in-addr.arpa. PTR',
    want: ['NOERROR', `1.0.97.10.in-addr.arpa. PTR ${cart}.`],
  },
]

describe('names of services of several clusters (multicluster DNS specification)', () => {
  for (const { question, want } of cases) {
    it(question, () => {
      const rig = new ResolverRig({ hosts: [...imports, ...hosts] })
      rig.resolver.setCluster(facts)
      if (want) assert.deepEqual(describeMessage(rig.answer(question)), want)
      else {
        rig.query(question)
        assert.equal(rig.asked.length, 1)
      }
    })
  }
})
