import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { IpAddress, IpFamily } from '../ip/address.ts'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'
import { until } from '../testing/until.ts'
import type { Message } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import { rcode } from '../wire/rcode.ts'
import type { RecordData, ResourceRecord } from '../wire/record.ts'
import { recordClass } from '../wire/record-class.ts'
import { parseRecordType } from '../wire/record-type.ts'
import { createLookup, type LookedUp } from './lookup.ts'

function record(owner: string, ttl: number, data: RecordData): ResourceRecord {
  const type = parseRecordType(data.kind)
  return { name: parseName(owner), type, class: recordClass.IN, ttl, data }
}

function a(owner: string, ttl: number, address: string): ResourceRecord {
  return record(owner, ttl, { kind: 'A', address: address as IpAddress })
}

function aaaa(owner: string, ttl: number, address: string): ResourceRecord {
  return record(owner, ttl, { kind: 'AAAA', address: address as IpAddress })
}

function cname(owner: string, ttl: number, target: string): ResourceRecord {
  return record(owner, ttl, { kind: 'CNAME', name: parseName(target) })
}

function soa(ttl: number, minimum: number): ResourceRecord {
  const names = { mname: parseName('ns.test'), rname: parseName('admin.test') }
  const times = { serial: 1, refresh: 1, retry: 1, expire: 1, minimum }
  return record('test', ttl, { kind: 'SOA', ...names, ...times })
}

interface Case {
  readonly name: string
  readonly family?: IpFamily
  /** What the upstream says to the first question, the second, … */
  readonly replies: readonly Partial<Message>[]
  readonly want: LookedUp | { readonly code: string; readonly message: RegExp }
}

function want(ttlSeconds: number, ...addresses: string[]): LookedUp {
  return { addresses: addresses as IpAddress[], ttlSeconds }
}

const cases: readonly Case[] = [
  {
    name: 'several addresses, the shortest life of them',
    replies: [{ answers: [a('web.test', 60, '192.0.2.1'), a('web.test', 20, '192.0.2.2')] }],
    want: want(20, '192.0.2.1', '192.0.2.2'),
  },
  {
    name: 'an IPv6 address',
    family: 6,
    replies: [{ answers: [aaaa('web.test', 60, '2001:db8::1')] }],
    want: want(60, '2001:db8::1'),
  },
  {
    name: 'aliases in any order and case',
    replies: [
      {
        answers: [
          a('c.test', 60, '192.0.2.1'),
          cname('B.test', 5, 'C.test'),
          cname('web.test', 30, 'b.TEST'),
        ],
      },
    ],
    want: want(5, '192.0.2.1'),
  },
  {
    name: 'records that were not asked for',
    replies: [{ answers: [a('web.test', 60, '192.0.2.1'), a('bank.test', 1, '203.0.113.9')] }],
    want: want(60, '192.0.2.1'),
  },
  {
    name: 'an alias whose target the server left to us',
    replies: [
      { answers: [cname('web.test', 30, 'b.test')] },
      { answers: [a('b.test', 60, '192.0.2.1')] },
    ],
    want: want(30, '192.0.2.1'),
  },
  {
    name: 'an alias to a name without such an address',
    replies: [{ answers: [cname('web.test', 30, 'b.test')], authorities: [soa(10, 20)] }],
    want: want(10),
  },
  {
    name: 'a name without such an address',
    replies: [{ authorities: [soa(300, 20)] }],
    want: want(20),
  },
  {
    name: 'a name that does not exist',
    replies: [{ rcode: rcode.NXDOMAIN, authorities: [soa(15, 900)] }],
    want: want(15),
  },
  {
    name: 'a denial that does not say how long it counts',
    replies: [{ rcode: rcode.NXDOMAIN }],
    want: want(30),
  },
  {
    name: 'a failure',
    replies: [{ rcode: rcode.SERVFAIL }, { rcode: rcode.SERVFAIL }],
    want: { code: 'SERVE_LOOKUP_FAILED', message: /did not resolve web\.test: SERVFAIL/ },
  },
  {
    name: 'aliases in a circle',
    replies: Array.from({ length: 8 }, (_, turn) => ({
      answers: [turn % 2 === 0 ? cname('web.test', 30, 'b.test') : cname('b.test', 30, 'web.test')],
    })),
    want: { code: 'SERVE_LOOKUP_FAILED', message: /too many aliases/ },
  },
]

describe('createLookup', () => {
  for (const { name, family = 4, replies, want } of cases) {
    it(`finds out: ${name}`, async () => {
      const rig = new ResolverRig()
      const lookup = createLookup(rig.resolver, { clock: rig.clock, timeoutMs: 60_000 })
      const result = lookup('web.test', family)
      result.catch(() => {})
      let open = true
      const settle = () => {
        open = false
      }
      result.then(settle, settle)
      for (const reply of replies) {
        await until(() => rig.open.length > 0 || !open)
        if (rig.open.length > 0) rig.upstream(reply)
      }
      if ('addresses' in want) assert.deepEqual(await result, want)
      else await assert.rejects(result, want)
    })
  }

  it('asks the upstream also for a name of the mesh', async () => {
    const rig = new ResolverRig({ hosts: [nameRecord('web.test', ['10.9.0.1'])] })
    const lookup = createLookup(rig.resolver, { clock: rig.clock, timeoutMs: 1_000 })
    const result = lookup('web.test.', 4)
    assert.equal(rig.open.length, 1)
    rig.upstream({ answers: [a('web.test', 60, '192.0.2.1')] })
    assert.deepEqual(await result, want(60, '192.0.2.1'))
  })

  it('gives up in time', async () => {
    const rig = new ResolverRig()
    const lookup = createLookup(rig.resolver, { clock: rig.clock, timeoutMs: 1_000 })
    const result = lookup('web.test', 4)
    rig.clock.advance(1_000)
    await assert.rejects(result, { code: 'SERVE_LOOKUP_FAILED', message: /no answer in time/ })
  })

  it('rejects what is no name', async () => {
    const rig = new ResolverRig()
    const lookup = createLookup(rig.resolver, { clock: rig.clock, timeoutMs: 1_000 })
    await assert.rejects(lookup('a..b', 4), { code: 'WIRE_NAME_SYNTAX' })
  })
})
