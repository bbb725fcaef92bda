import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { domain, endpoint, facts, hlHost, hosts, record, rig } from '../testing/cluster-hosts.ts'
import { describeMessage, describeRecord } from '../testing/describe-message.ts'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'
import { rcode } from '../wire/rcode.ts'
import { dnsCachedAnswers } from './meters.ts'

interface Case {
  readonly name: string
  readonly question: string
  readonly want: readonly string[]
  readonly soa?: string
}

const cases: readonly Case[] = [
  {
    name: 'SRV of a service counts each address and port, SCTP included',
    question: `web.ns1.svc.${domain}. SRV`,
    want: [
      'NOERROR',
      `web.ns1.svc.${domain}. SRV 0 25 80 web.ns1.svc.${domain}.`,
      `web.ns1.svc.${domain}. SRV 0 25 132 web.ns1.svc.${domain}.`,
    ],
  },
  {
    name: 'a port has the addresses of its service, with or without underscores',
    question: `sync.sctp.web.ns1.svc.${domain}. A`,
    want: ['NOERROR', `sync.sctp.web.ns1.svc.${domain}. A 10.96.0.1`],
  },
  {
    name: 'a port that is not declared does not exist',
    question: `_nope._tcp.web.ns1.svc.${domain}. SRV`,
    want: ['NXDOMAIN'],
    soa: domain,
  },
  {
    name: 'an endpoint of a service with an address has a name',
    question: `10-0-0-9.web.ns1.svc.${domain}. SRV`,
    want: [
      'NOERROR',
      `10-0-0-9.web.ns1.svc.${domain}. SRV 0 100 8080 10-0-0-9.web.ns1.svc.${domain}.`,
    ],
  },
  {
    name: 'so does its address',
    question: '9.0.0.10.in-addr.arpa. PTR',
    want: ['NOERROR', `9.0.0.10.in-addr.arpa. PTR 10-0-0-9.web.ns1.svc.${domain}.`],
  },
  {
    name: 'an endpoint of a headless service goes by its host name',
    question: '1.0.0.10.in-addr.arpa. PTR',
    want: ['NOERROR', `1.0.0.10.in-addr.arpa. PTR db-0.${hlHost}.`],
  },
  {
    name: 'a headless service without endpoints does not exist',
    question: `idle.ns1.svc.${domain}. A`,
    want: ['NXDOMAIN'],
    soa: domain,
  },
  {
    name: 'there is nothing but addresses, not even for ANY',
    question: `web.ns1.svc.${domain}. ANY`,
    want: ['NOERROR'],
    soa: domain,
  },
  {
    name: 'a short name that lacks a type is a zone of its own',
    question: 'hl.ns1. AAAA',
    want: ['NOERROR'],
    soa: 'hl.ns1',
  },
  {
    name: 'an alias is followed within the cluster',
    question: `ext.ns1.svc.${domain}. AAAA`,
    want: [
      'NOERROR',
      `ext.ns1.svc.${domain}. CNAME web.ns1.svc.${domain}.`,
      `web.ns1.svc.${domain}. AAAA fd00::1`,
    ],
  },
  {
    name: 'an alias that comes to nothing there is an empty answer',
    question: `lost.ns1.svc.${domain}. A`,
    want: ['NOERROR'],
    soa: domain,
  },
  {
    name: 'who asks an alias for another type hears nothing',
    question: `away.ns1.svc.${domain}. MX`,
    want: ['NOERROR'],
    soa: domain,
  },
  {
    name: 'a pod is called by its address, in namespaces that exist',
    question: `fd00--1.ns2.pod.${domain}. AAAA`,
    want: ['NOERROR', `fd00--1.ns2.pod.${domain}. AAAA fd00::1`],
  },
  {
    name: 'and in no other',
    question: `1-2-3-4.ns3.pod.${domain}. A`,
    want: ['NXDOMAIN'],
    soa: domain,
  },
  {
    name: 'what is no address is no pod',
    question: `1-2-3-400.ns1.pod.${domain}. A`,
    want: ['NXDOMAIN'],
    soa: domain,
  },
  {
    name: 'a namespace exists and has nothing, although a host and a search domain make the same name',
    question: `ns1.svc.${domain}. A`,
    want: ['NOERROR'],
    soa: domain,
  },
  {
    name: 'a host under a search domain goes before what a service does not have',
    question: `b.idle.ns1.svc.${domain}. A`,
    want: ['NOERROR', `b.idle.ns1.svc.${domain}. A 192.0.2.1`],
  },
  {
    name: 'stars mean nothing',
    question: `*.ns1.svc.${domain}. A`,
    want: ['NXDOMAIN'],
    soa: domain,
  },
  {
    name: 'the version of the specification is there to be read',
    question: `dns-version.${domain}. TXT`,
    want: ['NOERROR', `dns-version.${domain}. TXT`],
  },
  {
    name: 'a name of the outside that a search domain was appended to does not exist',
    question: `www.up.test.NS1.svc.${domain}. A`,
    want: ['NXDOMAIN'],
    soa: domain,
  },
]

describe('names of a cluster that is known completely', () => {
  for (const { name, question, want, soa } of cases) {
    it(`${name}; the second time, too`, () => {
      const asked = rig()
      asked.resolver.setCluster(facts)
      for (const answer of [asked.answer(question), asked.answer(question)]) {
        assert.deepEqual(describeMessage(answer), want)
        const authorities = soa === undefined ? [] : [`${soa}. SOA 30`]
        assert.deepEqual(answer.authorities.map(describeRecord), authorities)
      }
    })
  }

  it('ask nobody else, but for the domain’s own server', () => {
    const asked = rig()
    asked.resolver.setCluster(facts)
    asked.query(`ns.dns.${domain}. A`)
    asked.query(`${domain}. NS`)
    assert.equal(asked.asked.length, 2)
  })

  it('leave one question a type to ask elsewhere of a stub with ndots:5 and its search list', () => {
    const asked = rig()
    asked.resolver.setCluster(facts)
    for (const ending of [`.ns1.svc.${domain}`, `.svc.${domain}`, `.${domain}`, '']) {
      for (const type of ['A', 'AAAA']) asked.query(`api.up.test${ending}. ${type}`)
    }
    assert.equal(asked.asked.length, 2)
  })

  it('are as well those of a pod with servers and search domains of its own (dnsPolicy None)', () => {
    const asked = rig()
    asked.resolver.setCluster(facts)
    asked.resolvConf('nameserver 192.0.2.99\nsearch corp.test\n')
    asked.query('intranet.corp.test. A')
    assert.deepEqual(
      asked.asked.map(({ server }) => server.address),
      ['192.0.2.99'],
    )
    assert.deepEqual(describeMessage(asked.answer('hl.ns1.corp.test. A')).slice(1), [
      'hl.ns1.corp.test. A 10.0.0.1',
    ])
    assert.deepEqual(describeMessage(asked.answer(`${hlHost}. A`)).slice(1), [
      `${hlHost}. A 10.0.0.1`,
    ])
    asked.query('idle.ns1.corp.test. A')
    assert.equal(asked.asked.length, 2)
  })

  it('are aliases also where their target does not exist outside', () => {
    const asked = rig()
    asked.resolver.setCluster(facts)
    const replies = asked.query(`away.ns1.svc.${domain}. A`)
    asked.upstream({ rcode: rcode.NXDOMAIN })
    assert.deepEqual(
      replies.flatMap((reply) => describeMessage(reply)),
      ['NOERROR', `away.ns1.svc.${domain}. CNAME www.up.test.`],
    )
  })

  it('stay ready when the same is told of the cluster once more', () => {
    const asked = rig()
    asked.resolver.setCluster(facts)
    asked.answer(`web.ns1.svc.${domain}. A`)
    const ready = () => asked.meters.readings().get(dnsCachedAnswers)?.()
    asked.resolver.setCluster({ ...facts, namespaces: new Set(facts.namespaces) })
    assert.equal(ready(), 1)
    asked.resolver.setCluster({ ...facts, namespaces: new Set() })
    assert.equal(ready(), 0)
  })

  it('are denied no longer when they come', () => {
    const asked = rig()
    asked.resolver.setCluster(facts)
    const question = `late.ns1.svc.${domain}. A`
    assert.deepEqual(describeMessage(asked.answer(question)), ['NXDOMAIN'])
    asked.resolver.updateHosts({ put: [record('late', ['10.96.0.7'])], drop: [] })
    assert.deepEqual(describeMessage(asked.answer(question)).slice(1), [
      `late.ns1.svc.${domain}. A 10.96.0.7`,
    ])
  })

  it('are denied no longer when an endpoint comes', () => {
    const asked = rig()
    asked.resolver.setCluster(facts)
    const question = `db-1.${hlHost}. A`
    assert.deepEqual(describeMessage(asked.answer(question)), ['NXDOMAIN'])
    const endpoints = [endpoint('db-0', '10.0.0.1'), endpoint('db-1', '10.0.0.2')]
    const more = { reverse: [], cluster: { domain, headless: true }, endpoints }
    asked.resolver.updateHosts({ put: [record('hl', ['10.0.0.1', '10.0.0.2'], more)], drop: [] })
    assert.deepEqual(describeMessage(asked.answer(question)).slice(1), [
      `db-1.${hlHost}. A 10.0.0.2`,
    ])
  })

  it('are given back for an address that a second service gets', () => {
    const asked = rig()
    const question = '9.0.0.10.in-addr.arpa. PTR'
    const first = `9.0.0.10.in-addr.arpa. PTR 10-0-0-9.web.ns1.svc.${domain}.`
    assert.deepEqual(describeMessage(asked.answer(question)).slice(1), [first])
    const more = { reverse: [], cluster: { domain, headless: true } }
    const endpoints = [endpoint('db-1', '10.0.0.9')]
    asked.resolver.updateHosts({
      put: [record('hl', ['10.0.0.9'], { ...more, endpoints })],
      drop: [],
    })
    assert.deepEqual(describeMessage(asked.answer(question)).slice(1), [
      first,
      `9.0.0.10.in-addr.arpa. PTR db-1.${hlHost}.`,
    ])
  })

  for (const [what, below] of [
    ['a port', 'http.tcp'],
    ['an endpoint', 'db-1'],
  ] as const) {
    it(`go before what a wildcard made below a search domain, when ${what} comes`, () => {
      const wildcard = nameRecord('*.up.test', ['192.0.2.7'])
      const asked = new ResolverRig({ hosts: [...hosts, wildcard] })
      asked.resolvConf('nameserver 192.0.2.99\nsearch corp.up.test\n')
      const question = `${below}.idle.ns1.corp.up.test. A`
      assert.deepEqual(describeMessage(asked.answer(question)).slice(1), [`${question} 192.0.2.7`])
      const more = { reverse: [], cluster: { domain, headless: true } }
      const endpoints = [endpoint('db-1', '10.0.0.7')]
      asked.resolver.updateHosts({
        put: [record('idle', ['10.0.0.7'], { ...more, endpoints })],
        drop: [],
      })
      assert.deepEqual(describeMessage(asked.answer(question)).slice(1), [`${question} 10.0.0.7`])
    })
  }
})
