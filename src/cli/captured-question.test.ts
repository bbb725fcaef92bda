import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import dnsPacket, { type Packet } from 'dns-packet'
import { nameRecord } from '../testing/name-records.ts'
import { ResolverRig } from '../testing/resolver-rig.ts'
import { startUpstreamServer } from '../testing/upstream-server.ts'
import { isSaidByAgent, whyNotCaptured } from './captured-question.ts'

const name = '255.255.240.240.in-addr.arpa'

describe('isSaidByAgent', () => {
  it('recognises the denial of a resolver of ours', () => {
    assert.equal(isSaidByAgent(new ResolverRig().answer(`${name} PTR`)), true)
  })

  it('recognises its word when somebody holds the address', () => {
    const rig = new ResolverRig({ hosts: [nameRecord('a.test', ['240.240.255.255'])] })
    assert.equal(isSaidByAgent(rig.answer(`${name} PTR`)), true)
  })
})

interface Case {
  readonly name: string
  readonly reply: Packet
  readonly want: boolean
}

const soa = (mname: string, rname: string) => ({
  type: 'SOA' as const,
  name: mname,
  ttl: 60,
  data: { mname, rname, serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 },
})

const authoritative = 3 | dnsPacket.AUTHORITATIVE_ANSWER

const servers: readonly Case[] = [
  {
    name: 'an agent',
    reply: { flags: authoritative, authorities: [soa(name, name)] },
    want: true,
  },
  { name: 'a resolver that knows of no such name', reply: { flags: 3 }, want: false },
  {
    name: 'a resolver that passes on what the root says',
    reply: { flags: 3, authorities: [soa('a.root-servers.net', 'nstld.verisign-grs.com')] },
    want: false,
  },
  {
    name: 'a resolver with a zone of its own for private addresses',
    reply: { flags: authoritative, authorities: [soa('localhost', 'nobody.invalid')] },
    want: false,
  },
]

describe('whyNotCaptured', () => {
  for (const { name: who, reply, want } of servers) {
    it(`says ${want ? 'nothing' : 'why'} of ${who}`, async (test) => {
      const server = await startUpstreamServer({ [`${name} PTR`]: { reply } })
      test.after(() => server.stop())
      const reason = await whyNotCaptured(server.server)
      assert.equal(reason?.replace(/:\d+/, ''), want ? undefined : '127.0.0.1 answers itself')
    })
  }
})
