import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Machine } from '../../src/testing/machine.ts'
import { entriesOf, hostNames } from '../../src/testing/machine-hosts.ts'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'

type Addresses = ReadonlyMap<string, string>

/** IPv4 address of each host that has one; asked all at once. */
async function addressesOf(machine: Machine, hosts: readonly string[]): Promise<Addresses> {
  const { stdout } = await machine.run('dig', '@127.0.0.1', '+noall', '+answer', ...hosts)
  const records = stdout.split('\n').map((line) => line.split(/\s+/))
  return new Map(
    records
      .filter(([, , , type]) => type === 'A')
      .map(([name = '', , , , data = '']) => [name.slice(0, -1), data]),
  )
}

/** Replaces the entries, and waits until exactly these hosts have an address (or as many as can). */
async function follow(machine: Machine, hosts: readonly string[], most = hosts.length) {
  machine.write(entriesOf(hosts))
  return waitForCount(machine, hosts, most)
}

async function waitForCount(machine: Machine, hosts: readonly string[], count: number) {
  const deadline = performance.now() + 120_000
  for (;;) {
    const { table = {} } = (await machine.agent.page('/debug/ndsz')) as { table?: object }
    const known = Object.keys(table)
    const hasOthers = known.some((host) => !hosts.includes(host))
    if (!hasOthers && known.length === count) return addressesOf(machine, hosts)
    assert.ok(performance.now() < deadline, `still ${known.length} hosts, not ${count}`)
  }
}

const skip = privateNetworksSkip()
/** A machine whose only way out is IPv4. */
const outside = ['192.0.2.1/24']

describe('a virtual address', { skip }, () => {
  // Row 14.
  it('stays with its host whatever comes and goes, and over crashes; a freed one rests', async (test) => {
    const seed = 20_250_101
    test.diagnostic(`seed ${seed}`)
    const random = new SeededRandom(seed)
    await using machine = await Machine.start({ mesh: entriesOf(hostNames(1, 12)), outside })
    let hosts = hostNames(1, 12)
    let held = await waitForCount(machine, hosts, hosts.length)
    const everHeld = new Map(held)
    for (let round = 1; round <= 12; round += 1) {
      const staying = hosts.filter(() => !random.oneIn(4))
      const newcomers = hostNames(round * 100, round * 100 + random.below(4))
      // The order of the entries means nothing to those who have an address.
      hosts = [...newcomers, ...staying].sort(() => random.below(3) - 1)
      const now = await follow(machine, hosts)
      if (round % 4 === 0) {
        await machine.agent.end('SIGKILL')
        await machine.startAgent()
        assert.deepEqual(await waitForCount(machine, hosts, hosts.length), now)
      }
      for (const host of staying) assert.equal(now.get(host), held.get(host), host)
      const gone = [...everHeld].filter(([host]) => !hosts.includes(host))
      const resting = new Set(gone.map(([, address]) => address))
      for (const host of newcomers)
        assert.ok(!resting.has(now.get(host) ?? ''), `${host} got a resting one`)
      for (const [host, address] of now) everHeld.set(host, address)
      assert.equal(new Set(now.values()).size, hosts.length)
      held = now
    }
  })

  // Row 15.
  it('is missing loudly where the range is too small, and comes by itself when there is room', async () => {
    const hosts = hostNames(1, 20)
    await using machine = await Machine.start({
      mesh: entriesOf(hosts),
      outside,
      flags:
        '--virtual-addresses-v4-prefix 10.99.0.0/28 --virtual-addresses-rest-seconds 1 --resolver-ttl-seconds 1'.split(
          ' ',
        ),
    })
    const first = await waitForCount(machine, hosts, 14)
    assert.deepEqual([...first.keys()], hosts.slice(0, 14))
    const { items } = (await machine.agent.page('/health')) as {
      items: readonly { code: string; detail: string }[]
    }
    assert.deepEqual(
      items.map(({ code }) => code),
      ['VIRTUAL_POOL_EXHAUSTED'],
    )
    for (const host of hosts.slice(14)) assert.ok(items[0]?.detail.includes(host), items[0]?.detail)
    const metrics = await machine.agent.metrics()
    assert.equal(metrics.get('meshdns_vip_pool_free{family="ipv4"}'), 0)
    assert.equal(metrics.get('meshdns_vip_hosts_waiting{family="ipv4"}'), 6)
    assert.match(machine.agent.log.text, /"code":"VIRTUAL_POOL_EXHAUSTED"/)
    // An IPv6 address alone would lead nowhere on this machine.
    for (const host of hosts) assert.deepEqual((await machine.dig('AAAA', host)).answer, [])
    const left = hosts.slice(10)
    const last = await follow(machine, left)
    for (const host of left.slice(0, 4)) assert.equal(last.get(host), first.get(host), host)
    assert.deepEqual(await machine.agent.page('/health'), { status: 'ok', items: [] })
  })

  // Row 20.
  it('comes from the range that is configured; those of an earlier range stay', async () => {
    await using machine = await Machine.start({ mesh: entriesOf(hostNames(1, 2)), outside })
    const before = await waitForCount(machine, hostNames(1, 2), 2)
    assert.deepEqual([...before.values()], ['240.240.0.1', '240.240.0.2'])
    await machine.agent.end('SIGTERM')
    await machine.startAgent(['--virtual-addresses-v4-prefix', '10.99.0.0/16'])
    const hosts = hostNames(1, 300)
    const after = await follow(machine, hosts)
    assert.equal(after.size, 300)
    for (const [host, address] of after) {
      if (before.has(host)) assert.equal(address, before.get(host))
      else assert.match(address, /^10\.99\.\d+\.\d+$/)
    }
    const reverse = await machine.dig('-x', '240.240.0.1')
    assert.deepEqual(reverse.answer, ['1.0.240.240.in-addr.arpa. PTR h1.mesh.test.'])
  })
})
