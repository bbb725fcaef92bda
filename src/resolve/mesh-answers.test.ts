import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type QueryAnswered, queryAnswered } from '../base/events.ts'
import type { NameRecord } from '../registry/name-record.ts'
import { describeMessage, describeRecord } from '../testing/describe-message.ts'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'

const http = { name: 'http', protocol: 'tcp', number: 80 } as const
const dns = { name: 'dns', protocol: 'udp', number: 53 } as const

const hosts: readonly NameRecord[] = [
  nameRecord('plain.mesh.test', ['10.9.0.1'], { ports: [http, dns] }),
  nameRecord('auto.mesh.test', ['240.240.0.1', '2001:2::1'], { ports: [http] }),
  nameRecord('*.wild.test', ['240.240.0.2'], { ports: [http] }),
  nameRecord('a.wild.test', ['10.9.0.2']),
  nameRecord('ext.ns1.svc.cluster.local', [], { externalName: 'plain.mesh.test' }),
  nameRecord('away.ns1.svc.cluster.local', [], { externalName: 'www.up.test' }),
  nameRecord('circle.ns1.svc.cluster.local', [], { externalName: 'circle.ns1.svc.cluster.local' }),
  nameRecord('hl.ns1.svc.cluster.local', ['10.0.0.1', '10.0.0.2'], {
    aliases: ['hl', 'hl.ns1', 'hl.ns1.svc'],
    reverse: [],
    ports: [http],
    endpoints: ['10.0.0.1', '10.0.0.2'].map((address, index) => ({
      label: `db-${index}`,
      addresses: nameRecord('x.y', [address]).addresses,
      ports: [{ ...http, number: 8080 + index }],
    })),
  }),
]

interface Case {
  readonly name: string
  readonly question: string
  readonly want: readonly string[]
  readonly authority?: readonly string[]
  readonly additional?: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'a port is found by SRV, with its address',
    question: '_http._tcp.plain.mesh.test. SRV',
    want: ['NOERROR', '_http._tcp.plain.mesh.test. SRV 0 1 80 plain.mesh.test.'],
    additional: ['plain.mesh.test. A 10.9.0.1'],
  },
  {
    name: 'a UDP port is found below _udp',
    question: '_DNS._udp.plain.mesh.test. SRV',
    want: ['NOERROR', '_DNS._udp.plain.mesh.test. SRV 0 1 53 plain.mesh.test.'],
    additional: ['plain.mesh.test. A 10.9.0.1'],
  },
  {
    name: 'a port that nobody declared does not exist',
    question: '_https._tcp.plain.mesh.test. SRV',
    want: ['NXDOMAIN'],
    authority: ['plain.mesh.test. SOA 30'],
  },
  {
    name: 'a declared port has nothing but SRV',
    question: '_http._tcp.plain.mesh.test. A',
    want: ['NOERROR'],
    authority: ['plain.mesh.test. SOA 30'],
  },
  {
    name: 'SRV of a headless service names each endpoint with its own port',
    question: '_http._tcp.hl.ns1.svc.cluster.local. SRV',
    want: [
      'NOERROR',
      '_http._tcp.hl.ns1.svc.cluster.local. SRV 0 1 8080 db-0.hl.ns1.svc.cluster.local.',
      '_http._tcp.hl.ns1.svc.cluster.local. SRV 0 1 8081 db-1.hl.ns1.svc.cluster.local.',
    ],
    additional: [
      'db-0.hl.ns1.svc.cluster.local. A 10.0.0.1',
      'db-1.hl.ns1.svc.cluster.local. A 10.0.0.2',
    ],
  },
  {
    name: 'SRV works below a wildcard and under a search domain',
    question: '_http._tcp.b.wild.test.ns1.svc.cluster.local. SRV',
    want: [
      'NOERROR',
      '_http._tcp.b.wild.test.ns1.svc.cluster.local. SRV 0 1 80 b.wild.test.ns1.svc.cluster.local.',
    ],
    additional: ['b.wild.test.ns1.svc.cluster.local. A 240.240.0.2'],
  },
  {
    name: 'an endpoint of a headless service has a name, a short one too',
    question: 'db-1.hl.ns1. A',
    want: ['NOERROR', 'db-1.hl.ns1. A 10.0.0.2'],
  },
  {
    name: 'a virtual address leads back to its host',
    question: '1.0.240.240.in-addr.arpa. PTR',
    want: ['NOERROR', '1.0.240.240.in-addr.arpa. PTR auto.mesh.test.'],
  },
  {
    name: 'so does its IPv6 twin',
    question: `${'1.0.0.0.'.repeat(1)}${'0.0.0.0.'.repeat(5)}2.0.0.0.1.0.0.2.ip6.arpa. PTR`,
    want: [
      'NOERROR',
      `1.0.0.0.${'0.0.0.0.'.repeat(5)}2.0.0.0.1.0.0.2.ip6.arpa. PTR auto.mesh.test.`,
    ],
  },
  {
    name: 'an explicit address leads back too',
    question: '1.0.9.10.in-addr.arpa. PTR',
    want: ['NOERROR', '1.0.9.10.in-addr.arpa. PTR plain.mesh.test.'],
  },
  {
    name: 'a virtual address that nobody holds does not exist',
    question: '9.9.240.240.in-addr.arpa. PTR',
    want: ['NXDOMAIN'],
    authority: ['9.9.240.240.in-addr.arpa. SOA 30'],
  },
  {
    name: 'the address of a wildcard has no one name',
    question: '2.0.240.240.in-addr.arpa. PTR',
    want: ['NOERROR'],
    authority: ['2.0.240.240.in-addr.arpa. SOA 30'],
  },
  ...['HTTPS', 'SVCB', 'TXT', 'MX', 'CAA', 'NS'].map((type) => ({
    name: `${type} of a host with a virtual address is empty and stays here`,
    question: `auto.mesh.test. ${type}`,
    want: ['NOERROR'],
    authority: ['auto.mesh.test. SOA 30'],
  })),
  {
    name: 'ANY gives the addresses and stays here',
    question: 'auto.mesh.test. ANY',
    want: ['NOERROR', 'auto.mesh.test. A 240.240.0.1', 'auto.mesh.test. AAAA 2001:2::1'],
  },
  {
    name: 'AAAA of an IPv4-only host is an empty answer, not a missing name',
    question: 'plain.mesh.test. AAAA',
    want: ['NOERROR'],
    authority: ['plain.mesh.test. SOA 30'],
  },
  {
    name: 'a name in a wildcard that is a host of its own is that host',
    question: 'a.wild.test. A',
    want: ['NOERROR', 'a.wild.test. A 10.9.0.2'],
  },
  {
    name: 'an external name within the mesh is followed',
    question: 'ext.ns1.svc.cluster.local. A',
    want: [
      'NOERROR',
      'ext.ns1.svc.cluster.local. CNAME plain.mesh.test.',
      'plain.mesh.test. A 10.9.0.1',
    ],
  },
  {
    name: 'an external name by itself is a CNAME',
    question: 'ext.ns1.svc.cluster.local. CNAME',
    want: ['NOERROR', 'ext.ns1.svc.cluster.local. CNAME plain.mesh.test.'],
  },
  {
    name: 'external names in a circle are refused',
    question: 'circle.ns1.svc.cluster.local. A',
    want: ['SERVFAIL'],
  },
]

const resolvConf = 'nameserver 192.0.2.53\nsearch ns1.svc.cluster.local\n'

describe('answers from the mesh', () => {
  for (const { name, question, want, authority = [], additional = [] } of cases) {
    it(name, () => {
      const rig = new ResolverRig({ hosts, resolvConf })
      for (const round of ['made', 'ready']) {
        const message = rig.answer(question)
        assert.deepEqual(describeMessage(message), want, round)
        assert.deepEqual(message.authorities.map(describeRecord), authority, round)
        assert.deepEqual(message.additionals.map(describeRecord), additional, round)
      }
      assert.equal(rig.asked.length, 0, 'an upstream was asked')
    })
  }

  it('an external name outside is completed by the upstream', () => {
    const rig = new ResolverRig({ hosts, resolvConf })
    const replies = rig.query('away.ns1.svc.cluster.local. A')
    const other = new ResolverRig({ hosts: [nameRecord('www.up.test', ['192.0.2.80'])] })
    const { answers } = other.answer('www.up.test. A')
    rig.upstream({ answers })
    assert.deepEqual(replies.map(describeMessage), [
      ['NOERROR', 'away.ns1.svc.cluster.local. CNAME www.up.test.', 'www.up.test. A 192.0.2.80'],
    ])
    assert.equal(replies[0]?.questions[0]?.name, 'away.ns1.svc.cluster.local.')
  })

  it('keeps the life time that a service asks for', () => {
    const rig = new ResolverRig({ hosts: [nameRecord('a.test', ['10.0.0.1'], { ttlSeconds: 5 })] })
    assert.equal(rig.answer('a.test. A').answers[0]?.ttl, 5)
  })

  it('echoes ID, RD, CD and the case of the name, made or ready', () => {
    const rig = new ResolverRig({ hosts })
    for (const [round, name] of ['pLain.mesh.test.', 'PLAIN.MESH.TEST.'].entries()) {
      const message = rig.answer(`${name} A`, { id: 17 + round, edns: { dnssecOk: true } })
      assert.equal(message.id, 17 + round)
      assert.equal(message.questions[0]?.name, name)
      assert.equal(message.answers[0]?.name, name)
      assert.ok(message.recursionDesired)
      assert.ok(message.edns?.dnssecOk)
    }
  })

  it('answers EDNS with EDNS, and only then', () => {
    const rig = new ResolverRig({ hosts })
    assert.equal(rig.answer('plain.mesh.test. A').edns, undefined)
    assert.equal(rig.answer('plain.mesh.test. A', { edns: {} }).edns?.udpPayloadOctets, 1232)
    assert.equal(rig.answer('plain.mesh.test. A').edns, undefined)
  })
})

describe('a dot inside of a label', () => {
  const rig = () =>
    new ResolverRig({
      hosts: [
        nameRecord('*.wild.test', ['10.0.0.1']),
        nameRecord('plain', ['10.0.0.2']),
        nameRecord('hl', ['10.0.0.3'], {
          endpoints: [{ label: 'db\\', addresses: [], ports: [] }],
        }),
      ],
      resolvConf: 'nameserver 192.0.2.53\nsearch corp.test\n',
    })

  for (const name of ['a\\.wild.test', 'plain\\.corp.test', 'db\\.hl']) {
    it(`ends none: ${name}`, () => {
      const asked = rig()
      asked.query(`${name}. A`)
      assert.equal(asked.asked.length, 1)
    })
  }

  it('is no hindrance to those that do', () => {
    assert.equal(rig().answer('a\\.b.wild.test. A').answers.length, 1)
    assert.equal(rig().answer('a\\\\.wild.test. A').answers.length, 1)
  })
})

describe('answers that are ready', () => {
  const headless = (labels: readonly string[]) =>
    nameRecord('hl.test', ['10.0.0.1'], {
      aliases: ['hl'],
      endpoints: labels.map((label) => ({
        label,
        addresses: nameRecord('x.y', ['10.0.0.9']).addresses,
        ports: [],
      })),
    })

  it('make room for a new endpoint that has the name of what a wildcard or a search domain answered', () => {
    const rig = new ResolverRig({
      hosts: [
        headless(['db-0']),
        nameRecord('*.hl.test', ['10.0.0.2']),
        nameRecord('db-1', ['10.0.0.3']),
      ],
      resolvConf: 'nameserver 192.0.2.53\nsearch hl\n',
    })
    const said = () =>
      ['db-1.hl.test. A', 'db-1.hl. A'].map((question) => describeMessage(rig.answer(question))[1])
    assert.deepEqual(said(), ['db-1.hl.test. A 10.0.0.2', 'db-1.hl. A 10.0.0.3'])
    rig.resolver.updateHosts({ put: [headless(['db-0', 'db-1'])], drop: [] })
    assert.deepEqual(said(), ['db-1.hl.test. A 10.0.0.9', 'db-1.hl. A 10.0.0.9'])
  })

  it('make room for a Service that brings endpoints with it', () => {
    const rig = new ResolverRig({ hosts: [nameRecord('*.hl.test', ['10.0.0.2'])] })
    const said = () => describeMessage(rig.answer('db-1.hl.test. A'))[1]
    assert.equal(said(), 'db-1.hl.test. A 10.0.0.2')
    rig.resolver.updateHosts({ put: [headless(['db-1'])], drop: [] })
    assert.equal(said(), 'db-1.hl.test. A 10.0.0.9')
  })
})

describe('whoever listens for answers', () => {
  it('hears of each, also of those that would be ready', () => {
    const rig = new ResolverRig({ hosts })
    rig.answer('plain.mesh.test. A')
    const heard: string[] = []
    const listen = (event: unknown) => {
      const { name, type, rcode, from } = event as QueryAnswered
      heard.push(`${name} ${type} ${rcode} ${from}`)
    }
    queryAnswered.subscribe(listen)
    rig.answer('plain.mesh.test. A')
    rig.query('x.up.test. AAAA')
    rig.upstream({})
    queryAnswered.unsubscribe(listen)
    rig.answer('plain.mesh.test. A')
    assert.deepEqual(heard, ['plain.mesh.test. A NOERROR mesh', 'x.up.test. AAAA NOERROR upstream'])
  })
})
