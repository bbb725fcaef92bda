import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NameRecord } from '../registry/name-record.ts'
import { describeMessage } from '../testing/describe-message.ts'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'

const search = 'search ns1.svc.cluster.local svc.cluster.local cluster.local\n'

function kubernetes(host: string, addresses: readonly string[], own: boolean): NameRecord {
  const [short = '', namespace = ''] = host.split('.')
  const aliases = [`${short}.${namespace}`, `${short}.${namespace}.svc`]
  return nameRecord(host, addresses, { aliases: own ? [short, ...aliases] : aliases })
}

/** The mesh that Istio's own agent is tested with. */
const hosts = [
  nameRecord('www.google.com', ['1.1.1.1']),
  kubernetes('productpage.ns1.svc.cluster.local', ['9.9.9.9'], true),
  kubernetes('example.ns2.svc.cluster.local', ['10.10.10.10'], false),
  nameRecord('details.ns2.svc.cluster.remote', [
    '11.11.11.11',
    '12.12.12.12',
    '13.13.13.13',
    '14.14.14.14',
  ]),
  kubernetes('svc-with-alt.ns1.svc.cluster.local', ['15.15.15.15'], true),
  nameRecord('svc-with-alt.ns1.svc.clusterset.local', ['15.15.15.15']),
  nameRecord('ipv6.localhost', ['2001:db8::ff00:42:8329']),
  nameRecord('dual.localhost', ['2.2.2.2', '2001:db8::ff00:42:8329']),
  nameRecord('ipv4.localhost', ['2.2.2.2']),
  nameRecord('*.b.wildcard', ['11.11.11.11']),
  nameRecord('*.wildcard', ['10.10.10.10']),
  nameRecord('*.svc.mesh.company.net', ['10.1.2.3']),
  nameRecord('example.localhost', ['3.3.3.3']),
]

interface Case {
  readonly question: string
  /** `forwarded`, or the data of the answer's records, all owned by the name that was asked. */
  readonly want: 'forwarded' | readonly string[]
}

const cases: readonly Case[] = [
  { question: 'www.google.com. A', want: ['1.1.1.1'] },
  { question: 'www.google.com.ns1.svc.cluster.local. A', want: ['1.1.1.1'] },
  { question: 'www.bing.com. A', want: 'forwarded' },
  { question: 'productpage.ns1.svc.cluster.local. A', want: ['9.9.9.9'] },
  {
    question: 'productpage.ns1.svc.cluster.local.ns1.svc.cluster.local. A',
    want: 'forwarded',
  },
  { question: 'productpage.ns1. A', want: ['9.9.9.9'] },
  { question: 'productpage. A', want: ['9.9.9.9'] },
  { question: 'productpage.ns1.svc. A', want: ['9.9.9.9'] },
  { question: 'productpage.ns1.ns1.svc.cluster.local. A', want: ['9.9.9.9'] },
  { question: 'productpage.ns1.ns1.svc.cluster.local. AAAA', want: [] },
  { question: 'example.ns2. A', want: ['10.10.10.10'] },
  { question: 'example.ns2.svc.cluster.local. A', want: ['10.10.10.10'] },
  { question: 'example.ns2.svc. A', want: ['10.10.10.10'] },
  { question: 'example. A', want: 'forwarded' },
  { question: 'svc-with-alt. A', want: ['15.15.15.15'] },
  { question: 'svc-with-alt.ns1. A', want: ['15.15.15.15'] },
  { question: 'svc-with-alt.ns1.svc. A', want: ['15.15.15.15'] },
  { question: 'svc-with-alt.ns1.svc.cluster.local. A', want: ['15.15.15.15'] },
  { question: 'svc-with-alt.ns1.svc.clusterset.local. A', want: ['15.15.15.15'] },
  {
    question: 'details.ns2.svc.cluster.remote. A',
    want: ['11.11.11.11', '12.12.12.12', '13.13.13.13', '14.14.14.14'],
  },
  { question: 'details.ns2. A', want: 'forwarded' },
  { question: 'dual.localhost. A', want: ['2.2.2.2'] },
  { question: 'dual.localhost. AAAA', want: ['2001:db8::ff00:42:8329'] },
  { question: 'ipv6.localhost. A', want: [] },
  { question: 'ipv6.localhost. AAAA', want: ['2001:db8::ff00:42:8329'] },
  { question: 'ipv4.localhost. AAAA', want: [] },
  { question: 'foo.wildcard. A', want: ['10.10.10.10'] },
  { question: 'a.b.wildcard. A', want: ['11.11.11.11'] },
  { question: 'wildcard. A', want: 'forwarded' },
  { question: 'foo.wildcard.ns1.svc.cluster.local. A', want: ['10.10.10.10'] },
  { question: 'foo.svc.mesh.company.net. A', want: ['10.1.2.3'] },
  { question: 'foo.foons.svc.mesh.company.net. A', want: ['10.1.2.3'] },
  { question: 'foo.svc.mesh.company.net.ns1.svc.cluster.local. A', want: ['10.1.2.3'] },
  { question: 'example.localhost. A', want: ['3.3.3.3'] },
  // Ours, beyond Istio: every search domain, not only the first.
  { question: 'www.google.com.svc.cluster.local. A', want: ['1.1.1.1'] },
  { question: 'www.google.com.cluster.local. A', want: ['1.1.1.1'] },
  { question: 'foo.wildcard.cluster.local. A', want: ['10.10.10.10'] },
  { question: 'WWW.GooGle.Com. A', want: ['1.1.1.1'] },
]

describe("the names of Istio's agent", () => {
  for (const transport of ['udp', 'tcp'] as const) {
    for (const { question, want } of cases) {
      it(`${question} over ${transport}`, () => {
        const rig = new ResolverRig({ hosts, resolvConf: `nameserver 192.0.2.53\n${search}` })
        if (want === 'forwarded') {
          assert.deepEqual(rig.query(question, { transport }), [])
          assert.equal(rig.open[0]?.transport, transport)
          return
        }
        const [name, type] = question.split(' ')
        // The first answer is made, the second comes from the cache.
        for (const round of ['made', 'ready']) {
          const message = rig.answer(question, { transport })
          const [code, ...records] = describeMessage(message)
          assert.equal(code, 'NOERROR', round)
          assert.deepEqual(
            records.sort(),
            want.map((data) => `${name} ${type} ${data}`),
            round,
          )
          assert.ok(message.authoritative && message.recursionAvailable)
          assert.equal(message.authorities.length, want.length === 0 ? 1 : 0)
        }
        assert.equal(rig.asked.length, 0)
      })
    }
  }
})
