import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { entry } from './mesh-entries.ts'
import { MeshNetwork } from './mesh-network.ts'

/** How the kernel's rules are read, and what is left of them when none of ours is there. */
const backends = [
  { backend: 'nftables', list: 'nft list ruleset', ours: /^table inet meshdns/gm },
  {
    backend: 'iptables',
    list: 'iptables-save && ip6tables-save',
    ours: /^-A OUTPUT .*MESHDNS_OUTPUT$/gm,
  },
]
/** Of iptables: a jump in three tables of two families. */
const sets: Readonly<Record<string, number>> = { nftables: 1, iptables: 6 }

const hosts = ['auto.mesh.test', 'a.wild.mesh.test', 'one.db.mesh.test', 'late.mesh.test']
const skip = networkTestsSkip()

for (const { backend, list, ours } of backends) {
  describe(`rules of ${backend}`, { skip, timeout: 600_000 }, () => {
    let network: MeshNetwork
    let agent: HostProcess
    let addresses: readonly string[]
    const capture = { backend }

    before(async () => {
      network = await MeshNetwork.start()
    })
    after(() => network[Symbol.asyncDispose]())

    const rules = async () => {
      const { stdout, code } = await network.run('sh', '-euc', list)
      assert.equal(code, 0)
      return stdout
    }
    const jumps = async () => (await rules()).match(ours)?.length ?? 0
    const lookup = () => Promise.all(hosts.map((host) => network.dig(host)))
    const stop = (signal: NodeJS.Signals) => {
      agent.child.kill(signal)
      return agent.ended
    }

    it('are all gone after SIGTERM', async () => {
      agent = await network.startAgent({ capture })
      assert.equal(await jumps(), sets[backend])
      assert.equal(await stop('SIGTERM'), 0)
      assert.doesNotMatch(await rules(), /meshdns/i)
      assert.equal(await network.dig('host.up.test'), '203.0.113.4')
    })

    it('stay when the agent is killed, so that no question goes past it', async () => {
      agent = await network.startAgent({ capture })
      network.writeEntries('late.yaml', entry({ name: 'late', host: 'late.mesh.test' }))
      await agent.stdout.line(/"services":6.*"the mesh changed"/)
      addresses = await lookup()
      assert.equal(new Set(addresses).size, hosts.length)
      assert.ok(addresses.every((address) => address.startsWith('240.240.0.')))
      assert.equal(await stop('SIGKILL'), 'SIGKILL')
      await network.askedOf('up1')
      const { stdout } = await network.run('dig', '+tries=1', '+time=1', 'auto.mesh.test')
      assert.match(stdout, /connection refused|no servers could be reached/)
      assert.deepEqual(await network.askedOf('up1'), [])
    })

    it('are one set again when it is back, and every host has its address', async () => {
      // Before it is ready, and after.
      agent = network.beginAgent({ capture })
      await agent.stdout.line(/"resolv.conf read"/)
      assert.equal(await stop('SIGKILL'), 'SIGKILL')
      // Read first: in order of files it would be the first to get an address.
      network.writeEntries('early.yaml', entry({ name: 'early', host: 'early.mesh.test' }))
      agent = await network.startAgent({ capture })
      assert.equal(await jumps(), sets[backend])
      assert.deepEqual(await lookup(), addresses)
      assert.ok(!addresses.includes(await network.dig('early.mesh.test')))
      const page = await network.run('curl', '-s', 'http://late.mesh.test/')
      assert.equal(page.stdout, 'page late.mesh.test\n')
    })

    it('are all gone after SIGTERM then', async () => {
      assert.equal(await stop('SIGTERM'), 0)
      assert.doesNotMatch(await rules(), /meshdns/i)
      assert.equal(await network.dig('host.up.test'), '203.0.113.4')
    })

    it('show the servers no name of the mesh in all this', async () => {
      const asked = await network.askedOf('up1')
      assert.deepEqual(
        asked.filter((line) => !line.startsWith('host.up.test. ')),
        [],
      )
    })
  })
}
