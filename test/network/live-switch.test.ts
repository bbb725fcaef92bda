import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { MeshNetwork } from './mesh-network.ts'

const lists = {
  nftables: 'nft list ruleset',
  iptables: 'iptables-save && ip6tables-save',
} as const
const host = 'auto.mesh.test'
/** Begins to ask for a page, and ends it when somebody writes into `$1`: servers wait for that longer than for a next one. */
const slowPage = `rm "$1"; mkfifo "$1"
exec 3<>/dev/tcp/${host}/80
printf 'GET / HTTP/1.1\\r\\n' >&3
echo connected
read -r _ <"$1"
printf 'Host: ${host}\\r\\n\\r\\n' >&3
while read -r line <&3; do case "$line" in page*) echo "$line"; break;; esac; done`
const skip = networkTestsSkip()

for (const backend of ['nftables', 'iptables'] as const) {
  describe(`capture by ${backend} that is switched while the agent runs`, {
    skip,
    timeout: 600_000,
  }, () => {
    let network: MeshNetwork
    let agent: HostProcess
    let connection: HostProcess
    let go: string

    const write = (capture: boolean) =>
      network.writeFile('cluster.env', `ISTIO_META_DNS_CAPTURE='${capture}'\n`)
    const switched = async (mode: 'captured' | 'asked') => {
      const line = await agent.stdout.line(new RegExp(`"mode":"${mode}".*"capture was switched"`))
      agent.stdout.clear()
      return line
    }
    const hasRules = async () => {
      const { stdout } = await network.run('sh', '-euc', lists[backend])
      return /meshdns/i.test(stdout)
    }

    before(async () => {
      network = await MeshNetwork.start()
      agent = await network.startAgent({ capture: { backend } }, [
        '--environment-file',
        write(false),
      ])
    })
    after(() => network[Symbol.asyncDispose]())

    it('is off where the file says so, whatever the options say', async () => {
      assert.equal(await hasRules(), false)
      assert.equal(await network.dig(host), '')
    })

    it('is on as soon as the file says so: names and connections', async () => {
      write(true)
      await switched('captured')
      assert.match(await network.dig(host), /^240\.240\.0\.\d+$/)
      go = network.writeFile('go', '')
      connection = network.hosts.start('app', ['bash', '-c', slowPage, 'bash', go])
      await connection.stdout.line(/^connected$/)
    })

    it('loses no question when it is switched off, and catches none from then on', async () => {
      const state = { isSwitched: false }
      const switching = switched('asked').finally(() => (state.isSwitched = true))
      for (let round = 0; round < 2 || !state.isSwitched; round += 1) {
        // One after the other, as several `dig` at one time may share a port, and lose answers to each other.
        const names = Array.from({ length: 10 }, (_, at) => `r${round}q${at}.up.test`)
        const asking = network.dig('+tries=1', '+time=30', ...names)
        if (round === 0) write(false)
        assert.equal(await asking, names.map(() => '203.0.113.4').join(' '))
      }
      await switching
      assert.equal(await network.dig(host), '')
    })

    it('keeps connections that it carries, and takes the rules away after the last one', async () => {
      assert.equal(await hasRules(), true)
      await network.run('sh', '-c', 'echo >"$1"', 'sh', go)
      assert.equal(await connection.ended, 0)
      assert.match(connection.stdout.text, /^page auto/m)
      await eventually(async () => assert.equal(await hasRules(), false))
      assert.equal(await network.dig('host.up.test'), '203.0.113.4')
    })

    it('is on again, and gone with the agent', async () => {
      write(true)
      await switched('captured')
      assert.match(await network.dig(host), /^240\.240\.0\.\d+$/)
      agent.child.kill('SIGTERM')
      assert.equal(await agent.ended, 0)
      assert.equal(await hasRules(), false)
    })
  })
}
