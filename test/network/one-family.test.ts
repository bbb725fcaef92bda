import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import { entry } from './mesh-entries.ts'
import { addressOf, MeshNetwork } from './mesh-network.ts'

const skip = networkTestsSkip()

/** A host that has addresses of one family only, and what it is answered. */
const cases = [
  {
    family: 6,
    virtual: ['AAAA', '2001:2::1'],
    missing: 'A',
    endpoint: '2001:db8::80',
    loopback: '[::1]',
  },
  {
    family: 4,
    virtual: ['A', '240.240.0.1'],
    missing: 'AAAA',
    endpoint: '192.0.2.80',
    loopback: '127.0.0.1',
  },
] as const

for (const { family, virtual, missing, endpoint, loopback } of cases) {
  for (const backend of ['nftables', 'iptables']) {
    describe(`a host with IPv${family} only, ${backend}`, { skip, timeout: 600_000 }, () => {
      let network: MeshNetwork

      before(async () => {
        network = await MeshNetwork.start({ families: [family] })
        network.writeEntries(
          'mesh.yaml',
          [
            entry({ name: 'auto', host: 'auto.mesh.test', endpoint }),
            entry({ name: 'outside', host: 'endpoint.up.test', resolution: 'DNS' }),
          ].join(''),
        )
        if (family === 4) await network.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1')
        await network.startAgent({ capture: { backend } })
      })
      after(() => network[Symbol.asyncDispose]())

      it('gets the virtual address that it can use', async () => {
        const [type, address] = virtual
        assert.equal(await network.dig(type, 'auto.mesh.test'), address)
        assert.equal(await network.dig('+tcp', type, 'auto.mesh.test'), address)
      })

      it('gets an empty answer for the other family, and never a name error', async () => {
        const { stdout } = await network.run('dig', missing, 'auto.mesh.test')
        assert.match(stdout, /status: NOERROR/)
        assert.match(stdout, /ANSWER: 0, AUTHORITY: 1/)
      })

      it('reaches the endpoint, one that must be resolved, and names outside', async () => {
        for (const host of ['auto.mesh.test', 'endpoint.up.test']) {
          for (const words of [[`-${family}`], []]) {
            const page = await network.run('curl', '-sS', ...words, `http://${host}/`)
            assert.deepEqual(page, { code: 0, stdout: `page ${host}\n`, stderr: '' })
          }
        }
        assert.equal(await network.dig('TXT', 'whoami.up.test'), '"up1"')
      })

      it('can ask the agent itself', async () => {
        const at = `@${loopback.replace(/[[\]]/g, '')}`
        const [type, address] = virtual
        assert.equal(await network.dig(at, '-p', '15053', type, 'auto.mesh.test'), address)
      })

      it('shows its servers no name of the mesh', async () => {
        const asked = await network.askedOf('up1')
        assert.ok(asked.includes('whoami.up.test. TXT udp'), addressOf('up1', family))
        assert.deepEqual(
          asked.filter((line) => line.includes('mesh.test')),
          [],
        )
      })
    })
  }
}
