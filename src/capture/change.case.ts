import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { type IpAddress, parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { parseSocketAddress } from '../ip/socket-address.ts'
import { noAddresses, normalizePrefixes } from './address-set.ts'
import { explicit, trafficPlan as plan, type TrafficCase } from './traffic.case.ts'
import { askTcp, askUdp, held, nextAnswer, openUdp, serveUdp } from './world.case.ts'

const to = parseSocketAddress

/** What real traffic meets while rules change, come and go, whichever program sets them. */
export const changeCases: readonly TrafficCase[] = [
  {
    name: 'explicit addresses come and go',
    plan,
    async run(capture) {
      const roles = async () => {
        const asked = ['198.51.100.1:80', '[2001:db8::1]:80', '203.0.113.9:80'].map(to).map(askTcp)
        return (await Promise.all(asked)).map(({ role }) => role)
      }
      await capture.update(explicit)
      assert.deepEqual(await roles(), ['relay', 'relay', 'direct'])
      const wider = normalizePrefixes(['198.51.0.0/16', '203.0.113.9/32'].map(parsePrefix))
      await Promise.all([capture.update(noAddresses), capture.update(wider)])
      assert.deepEqual(await roles(), ['relay', 'direct', 'relay'])
      await capture.update(noAddresses)
      assert.deepEqual(await roles(), ['direct', 'direct', 'direct'])
    },
  },
  {
    name: 'once released, nothing new is caught, but answers and connections under way go on',
    plan,
    async run(capture) {
      const client = await openUdp(to('10.0.0.53:53'))
      client.send('later', 53, '10.0.0.53')
      const connection = net.connect(80, '240.240.0.1')
      await once(connection, 'data')
      while (held.length === 0) await new Promise((resolve) => setImmediate(resolve))
      await capture.release()
      held.pop()?.()
      assert.deepEqual(await nextAnswer(client), {
        role: 'agent',
        original: '10.0.0.53:53',
        from: '10.0.0.53:53',
      })
      client.send('?', 53, '10.0.0.53')
      assert.equal((await nextAnswer(client)).role, 'direct')
      connection.write('more')
      assert.equal(String(await once(connection, 'data')), 'more')
      assert.equal((await askTcp(to('240.240.0.1:80'))).role, 'direct')
      client.close()
      connection.destroy()
    },
  },
  {
    name: 'a new list of nameservers takes effect, and connections under way go on',
    plan,
    async run(capture) {
      const connection = net.connect(80, '240.240.0.1')
      await once(connection, 'data')
      await capture.apply({ ...plan, dns: { nameservers: [parseIp('10.0.0.99')] } })
      assert.equal((await askUdp(to('10.0.0.99:53'))).role, 'agent')
      assert.equal((await askUdp(to('10.0.0.53:53'))).role, 'direct')
      connection.write('more')
      assert.equal(String(await once(connection, 'data')), 'more')
      connection.destroy()
    },
  },
  {
    name: 'rules that others flushed are missed, and set anew with the next change',
    plan,
    async run(capture) {
      assert.equal(await capture.isInForce(), true)
      execFileSync('nft', ['flush', 'ruleset'])
      assert.equal(await capture.isInForce(), false)
      await capture.update(explicit)
      assert.equal(await capture.isInForce(), true)
      assert.equal((await askTcp(to('198.51.100.1:80'))).role, 'relay')
      assert.equal((await askUdp(to('10.0.0.53:53'))).role, 'agent')
    },
  },
  {
    name: 'changes lose no question that is asked meanwhile, not even where a firewall lets in only answers',
    plan,
    async run(capture) {
      const firewall = 'add chain inet firewall input { type filter hook input priority 0; }'
      const lets = 'add rule inet firewall input udp sport 53 ct state new drop'
      execFileSync('nft', [`add table inet firewall; ${firewall}; ${lets}`])
      const servers = ['10.0.0.53', '10.0.0.54', 'fd00::53', 'fd00::99'].map(parseIp)
      const [first, second] = [servers.slice(0, 3), servers.slice(1)]
      const catching = (nameservers: readonly IpAddress[]) => () =>
        capture.apply({ ...plan, dns: { nameservers } })
      const clients = await Promise.all(
        servers.map(async (address) => {
          const server = { address, port: 53 }
          const kept = await openUdp(server)
          const askAgain = () => {
            kept.send('?', server.port, address)
            return nextAnswer(kept)
          }
          return { kept, askAgain, askAnew: () => askUdp(server) }
        }),
      )
      for (const { change, caught } of [
        { change: catching(second), caught: second },
        { change: catching(first), caught: first },
        { change: () => capture.release(), caught: [] },
        { change: () => capture.remove(), caught: [] },
        { change: catching(second), caught: second },
      ]) {
        const over = new AbortController()
        const changed = change().finally(() => over.abort())
        const asked = clients.map(async ({ askAgain, askAnew }) => {
          while (!over.signal.aborted) await Promise.all([askAgain(), askAnew()])
          return (await askAgain()).role
        })
        await changed
        const roles = servers.map((server) => (caught.includes(server) ? 'agent' : 'direct'))
        assert.deepEqual(await Promise.all(asked), roles)
      }
      for (const { kept } of clients) kept.close()
      execFileSync('nft', ['delete table inet firewall'])
    },
  },
  {
    name: 'while no agent listens, nobody is told so: clients ask again, and find the next one',
    plan: { ...plan, agentPort: 15054 },
    async run() {
      for (const [server, host] of [
        [to('10.0.0.53:53'), '127.0.0.1'],
        [to('[fd00::53]:53'), '::1'],
      ] as const) {
        const client = await openUdp(server)
        // Only who is connected hears of refusals.
        client.connect(server.port, server.address)
        await once(client, 'connect')
        const askTwice = async () => {
          client.send('?')
          // Refusals of what was asked before are there with this answer.
          await askUdp(to('10.0.0.99:53'))
          await serveUdp('agent', host, 15054)
          client.send('?')
        }
        const [{ role }] = await Promise.all([nextAnswer(client), askTwice()])
        assert.equal(role, 'agent')
        client.close()
      }
    },
  },
  {
    name: 'a socket that was caught by rules with zones for both ways is caught by these',
    plan,
    async run(capture) {
      await capture.remove()
      const zones = '-300; udp dport 53 ct zone set 2; oif lo udp sport 15053 ct zone set 2;'
      const output = '-101; udp dport 53 redirect to :15053;'
      const table = `table inet older {
        chain zones { type filter hook output priority ${zones} }
        chain output { type nat hook output priority ${output} }
      }`
      execFileSync('nft', [table.replaceAll('; ', '\n').replaceAll(';', '\n')])
      const server = to('10.0.0.53:53')
      const client = await openUdp(server)
      const ask = () => {
        client.send('?', server.port, server.address)
        return nextAnswer(client)
      }
      assert.equal((await ask()).role, 'agent')
      execFileSync('nft', ['delete table inet older'])
      await capture.apply(plan)
      const { role, from } = await ask()
      assert.deepEqual({ role, from }, { role: 'agent', from: '10.0.0.53:53' })
      client.close()
    },
  },
]
