import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { MeshNetwork } from './mesh-network.ts'

const skip = networkTestsSkip()
/** As many rounds end the test, however slow the machine is. */
const maxRounds = 300

for (const [backend, dns] of [
  ['nftables', 'nameservers'],
  ['iptables', 'all'],
] as const) {
  const options = { capture: { backend, dns } }

  describe(`questions while ${backend} catches ${dns}`, { skip, timeout: 600_000 }, () => {
    let network: MeshNetwork
    let agent: HostProcess

    before(async () => {
      network = await MeshNetwork.start()
    })
    after(() => network[Symbol.asyncDispose]())

    /**
     * Asks, over UDP and TCP, until what `begin` begins after the first round is over; returns how many
     * questions got no answer.
     */
    async function askDuring(begin: () => Promise<unknown>): Promise<number> {
      const change = { isOver: false }
      const watch = async () => {
        await begin().finally(() => {
          change.isOver = true
        })
      }
      const changes: Promise<void>[] = []
      let lost = 0
      let asked = 0
      for (let round = 0; !change.isOver || round < 2; round += 1) {
        assert.ok(round < maxRounds)
        const names = Array.from({ length: 10 }, (_, at) => `r${round}q${at}.up.test`)
        const answers = await Promise.all([
          network.dig('+tries=1', '+time=30', ...names),
          network.dig('+tcp', '+tries=1', '+time=30', ...names),
        ])
        const good = answers
          .flatMap((answer) => answer.split(' '))
          .filter((at) => at === '203.0.113.4')
        asked += 2 * names.length
        lost += 2 * names.length - good.length
        if (round === 0) changes.push(watch())
      }
      await Promise.all(changes)
      console.log(`${lost} of ${asked} questions lost`)
      return lost
    }

    it('begins are all answered', async () => {
      const lost = await askDuring(() => {
        agent = network.beginAgent(options)
        return agent.stdout.line(/"answering"/)
      })
      assert.equal(lost, 0)
      assert.equal(await network.dig('auto.mesh.test'), '240.240.0.1')
    })

    it('ends are all answered', async () => {
      const lost = await askDuring(() => {
        agent.child.kill('SIGTERM')
        return agent.ended
      })
      assert.equal(lost, 0)
      assert.equal(await agent.ended, 0)
    })

    it('ends, and that wait for a server, are answered, too', async () => {
      agent = await network.startAgent(options)
      await network.askedOf('up1')
      const asked = [
        ['+tries=1', '+time=30', 'held.up.test'],
        ['+tcp', '+tries=1', '+time=30', 'held.up.test'],
      ].map((words) => network.dig(...words))
      await network.seenBy('up1', /^held\.up\.test\. A udp/)
      await network.seenBy('up1', /^held\.up\.test\. A tcp/)
      agent.child.kill('SIGTERM')
      await agent.stdout.line(/"stopping"/)
      await network.askDirectly('up1', 'release.up.test')
      assert.deepEqual(await Promise.all(asked), ['203.0.113.4', '203.0.113.4'])
      assert.equal(await agent.ended, 0)
      const rules = await network.run('sh', '-c', 'nft list ruleset; iptables-save')
      assert.doesNotMatch(rules.stdout, /meshdns/i)
    })
  })
}
