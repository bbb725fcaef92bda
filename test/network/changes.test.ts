import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { entry } from './mesh-entries.ts'
import { addressOf, MeshNetwork } from './mesh-network.ts'

/** Far beyond the second that it may take: other programs may have the machine. */
const patienceMs = 120_000
const skip = networkTestsSkip()

for (const backend of ['nftables', 'iptables']) {
  describe(`changes while the agent runs, ${backend}`, { skip, timeout: 600_000 }, () => {
    let network: MeshNetwork

    before(async () => {
      network = await MeshNetwork.start({ servers: ['up1', 'up2'] })
      await network.startAgent({ capture: { backend } })
    })
    after(() => network[Symbol.asyncDispose]())

    /** Asks until the answer is there, and says how long that took, the last `dig` included. */
    async function answers(want: string, ...words: readonly string[]): Promise<void> {
      const started = performance.now()
      for (;;) {
        const answer = await network.dig(...words)
        const durationMs = Math.round(performance.now() - started)
        if (answer === want)
          return console.log(`${words.join(' ')}: ${want} after ${durationMs} ms`)
        assert.ok(durationMs < patienceMs, `${words.join(' ')}: ${answer} and not ${want}`)
      }
    }

    const explicit = (address: string) =>
      entry({ name: 'moved', host: 'moved.mesh.test', addresses: [address] })

    it('of an entry’s file change the answer, and what is caught', async () => {
      network.writeEntries('moved.yaml', explicit('198.51.100.7'))
      await answers('198.51.100.7', 'moved.mesh.test')
      network.writeEntries('moved.yaml', explicit('198.51.100.8'))
      await answers('198.51.100.8', 'moved.mesh.test')
      const page = await network.run('curl', '-sS', 'http://moved.mesh.test/')
      assert.equal(page.stdout, 'page moved.mesh.test\n')
      network.writeEntries('moved.yaml', entry({ name: 'moved', host: 'moved.mesh.test' }))
      await answers('240.240.0.5', 'moved.mesh.test')
    })

    it('that make a file nonsense leave the last good answer', async () => {
      network.writeEntries('moved.yaml', 'hosts: [')
      network.writeEntries('new.yaml', entry({ name: 'new', host: 'new.mesh.test' }))
      await answers('240.240.0.6', 'new.mesh.test')
      assert.equal(await network.dig('moved.mesh.test'), '240.240.0.5')
    })

    it('that take a file away take its host away, and later hosts keep their addresses', async () => {
      network.removeEntries('moved.yaml')
      await answers('', 'moved.mesh.test')
      assert.equal(await network.dig('new.mesh.test'), '240.240.0.6')
    })

    for (const how of ['in place', 'by rename'] as const) {
      it(`of resolv.conf ${how} change whose questions are caught, and who is asked`, async () => {
        for (const name of ['up2', 'up1'] as const) {
          for (const family of [4, 6] as const) {
            const text = `nameserver ${addressOf(name, family)}\n`
            network.hosts.setResolvConf('app', text, how)
            await answers('240.240.0.1', 'auto.mesh.test')
            await network.askedOf(name)
            assert.equal(await network.dig('TXT', 'whoami.up.test'), `"${name}"`)
            assert.equal(await network.dig('auto.mesh.test'), '240.240.0.1')
            assert.deepEqual(await network.askedOf(name), ['whoami.up.test. TXT udp'])
          }
        }
      })
    }

    it('of resolv.conf lose no question that is asked meanwhile', async () => {
      const texts = [addressOf('up2', 4), addressOf('up1', 4)].map((at) => `nameserver ${at}\n`)
      for (const [round, text] of [...texts, ...texts].entries()) {
        const names = Array.from({ length: 30 }, (_, at) => `r${round}q${at}.up.test`)
        const asked = network.dig('+tries=1', '+time=30', ...names)
        network.hosts.setResolvConf('app', text, round % 2 === 0 ? 'in place' : 'by rename')
        assert.deepEqual(
          (await asked).split(' '),
          names.map(() => '203.0.113.4'),
        )
      }
    })

    it('that name a server that does not exist first cost no answer', async () => {
      const text = `nameserver 127.0.0.1\nnameserver ${addressOf('up2', 4)}\n`
      network.hosts.setResolvConf('app', text, 'by rename')
      // Until then it refuses, and dig goes on to the next server by itself.
      await answers('240.240.0.1', '@127.0.0.1', 'auto.mesh.test')
      assert.equal(await network.dig('@127.0.0.1', 'TXT', 'whoami.up.test'), '"up2"')
      assert.equal(await network.dig('TXT', 'whoami.up.test'), '"up2"')
    })
  })
}
