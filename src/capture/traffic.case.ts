import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { parseSocketAddress } from '../ip/socket-address.ts'
import { normalizePrefixes } from './address-set.ts'
import type { CaptureBackend } from './capture.ts'
import type { CapturePlan } from './plan.ts'
import { usualPlan } from './plans.case.ts'
import { askTcp, askUdp, nextAnswer, openUdp } from './world.case.ts'

/** What must hold for real traffic in a namespace, whichever program sets the rules. */
export interface TrafficCase {
  readonly name: string
  /** In force when it runs. */
  readonly plan: CapturePlan
  readonly run: (capture: CaptureBackend) => Promise<void>
}

const to = parseSocketAddress
const mark = 1338
/** Servers of two families, and marked sockets that are let through. */
export const trafficPlan: CapturePlan = {
  ...usualPlan,
  dns: { nameservers: ['10.0.0.53', '10.0.0.54', '127.0.0.53', 'fd00::53'].map(parseIp) },
  exempt: { uids: [], gids: [], mark },
}
const plan = trafficPlan
export const explicit = normalizePrefixes(['198.51.100.1/32', '2001:db8::/64'].map(parsePrefix))
const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
const caught = { role: 'agent' } as const

export const trafficCases: readonly TrafficCase[] = [
  {
    name: 'a question to a nameserver reaches the agent, which learns the server, and the answer comes from it',
    plan,
    async run() {
      for (const server of ['10.0.0.53:53', '127.0.0.53:53', '[fd00::53]:53']) {
        const want = { ...caught, original: server }
        assert.deepEqual(await askUdp(to(server)), { ...want, from: server })
        assert.deepEqual(await askTcp(to(server)), want)
      }
    },
  },
  {
    name: 'a question to another server is left alone',
    plan,
    async run() {
      for (const server of ['10.0.0.99:53', '[fd00::99]:53']) {
        const { role, original } = await askUdp(to(server))
        assert.deepEqual({ role, original }, { role: 'direct', original: 'none' })
        assert.equal((await askTcp(to(server))).role, 'direct')
      }
    },
  },
  {
    name: 'one socket may ask two nameservers at once',
    plan,
    async run() {
      const socket = await openUdp(to('10.0.0.53:53'))
      const from: string[] = []
      for (const server of ['10.0.0.53', '10.0.0.54']) socket.send('?', 53, server)
      for (let count = 0; count < 2; count += 1) from.push((await nextAnswer(socket)).from)
      socket.close()
      assert.deepEqual(from.sort(), ['10.0.0.53:53', '10.0.0.54:53'])
    },
  },
  {
    name: 'capture of all reaches every server, and the agent learns which was meant',
    plan: { ...plan, dns: 'all' },
    async run() {
      for (const server of ['10.0.0.99:53', '[fd00::99]:53']) {
        const want = { ...caught, original: server }
        assert.deepEqual(await askUdp(to(server)), { ...want, from: server })
        assert.deepEqual(await askTcp(to(server)), want)
      }
    },
  },
  {
    name: 'a question that is sent to the agent itself has no other destination',
    plan,
    async run() {
      for (const server of ['127.0.0.1:15053', '[::1]:15053']) {
        assert.deepEqual(await askUdp(to(server)), { ...caught, original: 'none', from: server })
      }
    },
  },
  {
    name: 'a marked socket is exempt',
    plan,
    async run() {
      for (const server of ['10.0.0.53:53', '[fd00::53]:53']) {
        assert.equal((await askUdp(to(server), { mark })).role, 'direct')
      }
    },
  },
  ...[
    { uids: [uid], gids: [] },
    { uids: [], gids: [gid] },
  ].map((exempt) => ({
    name: `the agent's own ${exempt.uids.length > 0 ? 'user' : 'group'} is exempt`,
    plan: { ...plan, exempt, addresses: explicit },
    async run() {
      assert.equal((await askUdp(to('10.0.0.53:53'))).role, 'direct')
      assert.equal((await askTcp(to('[fd00::53]:53'))).role, 'direct')
      for (const address of ['240.240.0.1:80', '198.51.100.1:80']) {
        assert.equal((await askTcp(to(address))).role, 'direct')
      }
    },
  })),
  {
    name: 'ports change hands between client and agent, and no question goes astray',
    plan,
    async run() {
      const server = to('10.0.0.53:53')
      const first = await openUdp(server)
      const { port: localPort } = first.address()
      first.close()
      for (const round of ['client', 'agent', 'client', 'agent', 'client']) {
        const options = round === 'agent' ? { localPort, mark } : { localPort }
        const { role, from } = await askUdp(server, options)
        assert.deepEqual(
          { round, role, from },
          { round, role: round === 'agent' ? 'direct' : 'agent', from: '10.0.0.53:53' },
        )
      }
      const entries = readEntries()
      if (!entries) return
      const ours = entries.filter((entry) => entry.includes(`sport=${localPort} dport=53`))
      assert.ok(ours.length >= 2, 'one entry for the client, one for the agent')
      assert.deepEqual(
        entries.filter((entry) => / udp .*UNREPLIED/.test(entry)),
        [],
      )
    },
  },
  {
    name: 'connections to virtual addresses reach the relay, others do not',
    plan,
    async run() {
      for (const address of ['240.240.0.1:80', '[2001:2::1]:4444']) {
        assert.deepEqual(await askTcp(to(address)), { role: 'relay', original: address })
      }
      for (const address of ['203.0.113.9:80', '198.51.100.1:80', '127.0.0.1:80', '[::1]:80']) {
        assert.equal((await askTcp(to(address))).role, 'direct')
      }
    },
  },
  {
    name: 'the sandbox has all connections carried but those to loopback',
    plan: { ...plan, tcp: 'all', dns: 'all' },
    async run() {
      for (const address of ['203.0.113.9:80', '[fd00::99]:80', '240.240.0.1:80']) {
        assert.deepEqual(await askTcp(to(address)), { role: 'relay', original: address })
      }
      for (const address of ['127.0.0.1:80', '127.0.0.9:80', '[::1]:80']) {
        assert.equal((await askTcp(to(address))).role, 'direct')
      }
    },
  },
  {
    name: 'excluded ports and ranges are left alone',
    plan: {
      ...plan,
      excluded: { ports: [53], prefixes: ['240.240.0.0/24', '2001:2::/64'].map(parsePrefix) },
    },
    async run() {
      assert.equal((await askUdp(to('10.0.0.53:53'))).role, 'direct')
      assert.equal((await askTcp(to('10.0.0.53:53'))).role, 'direct')
      assert.equal((await askTcp(to('240.240.0.1:80'))).role, 'direct')
      assert.equal((await askTcp(to('[2001:2::1]:80'))).role, 'direct')
    },
  },
  {
    name: 'without IPv6 its traffic is left alone',
    plan: { ...plan, ipv6: false, dns: 'all', addresses: explicit },
    async run() {
      assert.equal((await askUdp(to('10.0.0.99:53'))).role, 'agent')
      assert.equal((await askUdp(to('[fd00::99]:53'))).role, 'direct')
      assert.equal((await askTcp(to('[2001:2::1]:80'))).role, 'direct')
      assert.equal((await askTcp(to('[2001:db8::1]:80'))).role, 'direct')
      assert.equal((await askTcp(to('198.51.100.1:80'))).role, 'relay')
    },
  },
  {
    name: 'each rule counts what it has seen',
    plan,
    async run(capture) {
      await askUdp(to('10.0.0.53:53'))
      await askTcp(to('240.240.0.1:80'))
      const seen = new Map((await capture.counts()).map(({ rule, packets }) => [rule, packets]))
      assert.equal(seen.get('dns udp 10.0.0.53'), 1)
      assert.equal(seen.get('dns udp 10.0.0.54'), 0)
      assert.equal(seen.get('virtual 240.240.0.0/16'), 1)
    },
  },
]

/** What connection tracking holds; `undefined` for an ordinary user, to whom the file is closed. */
function readEntries(): string[] | undefined {
  try {
    return readFileSync('/proc/net/nf_conntrack', 'utf8').split('\n')
  } catch {
    return undefined
  }
}
