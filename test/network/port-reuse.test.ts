import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { addressOf, MeshNetwork } from './mesh-network.ts'

const skip = networkTestsSkip()
const rounds = 4
const questionsPerRound = 300

for (const backend of ['nftables', 'iptables']) {
  describe(`few ports that change hands, ${backend}`, { skip, timeout: 600_000 }, () => {
    let network: MeshNetwork
    let file: string
    const names = Array.from({ length: questionsPerRound }, (_, at) =>
      at % 2 === 0 ? `n${at}.wild.mesh.test` : `n${at}.up.test`,
    )

    before(async () => {
      network = await MeshNetwork.start()
      file = network.writeFile('questions', `${names.join('\n')}\n`)
      await network.run('sysctl', '-qw', 'net.ipv4.ip_local_port_range=20000 20127')
      await network.startAgent({ capture: { backend }, serve: { upstream: { usesPerPort: 4 } } })
    })
    after(() => network[Symbol.asyncDispose]())

    it('carry every question and answer to where it belongs', async () => {
      // Each question from a port of its own; several `dig` at one time would share ports among themselves.
      const argv = ['dig', '+tries=1', '+time=30', '+noall', '+answer', '-f', file]
      const want = names.map(
        (name, at) => `${name}. ${at % 2 === 0 ? '240.240.0.2' : '203.0.113.4'}`,
      )
      for (let round = 0; round < rounds; round += 1) {
        const { stdout } = await network.run(...argv)
        const lines = stdout.trimEnd().split('\n')
        const got = lines.map((line) => line.replace(/\s.*\s/, ' '))
        assert.deepEqual(got, want)
      }
    })

    it('show the server no name of the mesh, and each other name once', async () => {
      const asked = await network.askedOf('up1')
      const others = names.filter((name) => name.endsWith('.up.test'))
      const want = Array.from({ length: rounds }, () => others).flat()
      const sorted = (lines: readonly string[]) => lines.toSorted((a, b) => a.localeCompare(b))
      assert.deepEqual(sorted(asked), sorted(want.map((name) => `${name}. A udp`)))
    })

    it('leave no entry without a reply in connection tracking', async (t) => {
      const { code, stdout } = await network.run('cat', '/proc/net/nf_conntrack')
      if (code !== 0) return t.skip('NOT CHECKED: this kernel does not list its entries')
      const entries = stdout.split('\n').filter((line) => line.includes(` dport=53 `))
      assert.ok(entries.some((line) => line.includes(`dst=${addressOf('up1', 4)} `)))
      assert.deepEqual(
        entries.filter((line) => line.includes('UNREPLIED')),
        [],
      )
    })
  })
}
