import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { root } from '../architecture/tree.ts'
import { entry } from './mesh-entries.ts'
import { addressOf, MeshNetwork } from './mesh-network.ts'

const skip = networkTestsSkip()
const stubAddress = '127.0.0.53'
const asker = [process.execPath, `${root}/src/testing/asker-main.ts`]

const captures = [
  { dns: 'nameservers', backend: 'nftables' },
  { dns: 'all', backend: 'nftables' },
  { dns: 'all', backend: 'iptables' },
]

for (const { dns, backend } of captures) {
  describe(`a stub resolver, ${backend} catches ${dns}`, { skip, timeout: 600_000 }, () => {
    let network: MeshNetwork
    let agent: HostProcess

    before(async () => {
      network = await MeshNetwork.start({ servers: ['up1', 'elsewhere'] })
      network.hosts.setResolvConf('app', `nameserver ${stubAddress}\n`)
      const outside = entry({ name: 'outside', host: 'endpoint.up.test', resolution: 'DNS' })
      network.writeEntries('outside.yaml', outside)
      await network.startStub(stubAddress, [addressOf('up1', 4)])
      agent = await network.startAgent({ capture: { dns, backend } })
    })
    after(() => network[Symbol.asyncDispose]())

    for (const how of ['+notcp', '+tcp']) {
      it(`has one question become one packet, ${how}`, async () => {
        assert.equal(await network.dig(how, 'x.up.test'), '203.0.113.4')
        const transport = how === '+tcp' ? 'tcp' : 'udp'
        assert.deepEqual(await network.askedOf('up1'), [`x.up.test. A ${transport}`])
      })

      it(`never hears of names of the mesh, ${how}`, async () => {
        assert.equal(await network.dig(how, 'auto.mesh.test'), '240.240.0.1')
        assert.deepEqual(await network.askedOf('up1'), [])
      })
    }

    it('is not taken for a loop when many ask for one name', async () => {
      const names = Array.from({ length: 32 }, () => 'same.up.test')
      const { stdout } = await network.run(...asker, stubAddress, ...names)
      const want = names.map((name) => `${name} NOERROR 203.0.113.4\n`).join('')
      assert.equal(stdout, want)
      assert.equal(await network.dig('after.up.test'), '203.0.113.4')
      assert.doesNotMatch(agent.stdout.text, /UPSTREAM_LOOP/)
    })

    it('leads connections to what a name of the mesh stands for outside of it', async () => {
      for (let round = 0; round < 2; round += 1) {
        assert.match(await network.dig('endpoint.up.test'), /^240\.240\.0\.\d+$/)
        const page = await network.run('curl', '-sS', 'http://endpoint.up.test/')
        assert.deepEqual(page, { code: 0, stdout: 'page endpoint.up.test\n', stderr: '' })
      }
    })

    for (const family of [4, 6] as const) {
      for (const how of ['+notcp', '+tcp']) {
        it(`does not keep a question from another server, IPv${family} ${how}`, async () => {
          const at = `@${addressOf('elsewhere', family)}`
          assert.equal(await network.dig(at, how, 'TXT', 'whoami.up.test'), '"elsewhere"')
          const [asked] = await network.askedOf('elsewhere')
          assert.equal(asked, `whoami.up.test. TXT ${how === '+tcp' ? 'tcp' : 'udp'}`)
          const ours = await network.dig(at, how, 'auto.mesh.test')
          assert.equal(ours, dns === 'all' ? '240.240.0.1' : '')
          assert.equal((await network.askedOf('elsewhere')).length, dns === 'all' ? 0 : 1)
        })
      }
    }
  })
}

/** Where the stub's questions go, so that they come back to the agent. */
const loops = [
  { name: 'a server that asks the agent', servers: [['127.0.0.1#15053']] },
  { name: 'two servers that ask each other', servers: [['127.0.0.54'], [stubAddress]] },
]

for (const { name, servers } of loops) {
  describe(`a loop of ${name}`, { skip, timeout: 600_000 }, () => {
    let network: MeshNetwork
    let agent: HostProcess

    before(async () => {
      network = await MeshNetwork.start()
      // dnsmasq asks once and lets equal questions wait.
      network.hosts.setResolvConf('app', `nameserver ${stubAddress}\noptions timeout:1\n`)
      for (const [at, list] of servers.entries()) {
        await network.startStub(`127.0.0.${53 + at}`, list)
      }
      agent = await network.startAgent({ capture: { dns: 'all' } })
    })
    after(() => network[Symbol.asyncDispose]())

    /** Questions that reached the agent so far. */
    const heard = async () => {
      const { stdout } = await network.run('curl', '-s', 'http://127.0.0.1:15020/metrics')
      return Number(/^istio_agent_dns_requests_total (\d+)$/m.exec(stdout)?.[1])
    }

    it('is cut, told and costs nothing', async () => {
      const started = performance.now()
      const { stdout } = await network.run('dig', '+tries=1', '+time=30', 'x.up.test')
      console.log(`cut after ${Math.round(performance.now() - started)} ms`)
      assert.match(stdout, /SERVFAIL[^]*EDE: 23 \(Network Error\)/)
      await agent.stdout.line(/"code":"UPSTREAM_LOOP","reason":"127\.0\.0\.53:53"/)
      const names = Array.from({ length: 10 }, (_, at) => `y${at}.up.test`)
      const rest = await network.run('dig', '+tries=1', '+time=30', ...names)
      assert.equal(rest.stdout.match(/SERVFAIL/g)?.length, names.length, rest.stdout)
      assert.equal(rest.stdout.match(/loop detected/g)?.length, names.length, rest.stdout)
      // Each of the eleven comes back once for each time that the agent asks on.
      assert.ok((await heard()) < 100, `${await heard()} heard`)
    })

    it('keeps no name of the mesh from being answered', async () => {
      assert.equal(await network.dig('auto.mesh.test'), '240.240.0.1')
      const health = await network.run('curl', '-s', 'http://127.0.0.1:15020/health')
      assert.match(health.stdout, /UPSTREAM_LOOP/)
    })
  })
}
