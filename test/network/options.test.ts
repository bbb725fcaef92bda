import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { entry } from './mesh-entries.ts'
import { addressOf, MeshNetwork } from './mesh-network.ts'

const skip = networkTestsSkip()

describe('an agent that is the first server of resolv.conf itself', {
  skip,
  timeout: 600_000,
}, () => {
  let network: MeshNetwork
  let agent: HostProcess

  before(async () => {
    network = await MeshNetwork.start()
    const servers = ['127.0.0.1', '::1', addressOf('up1', 4)]
    network.hosts.setResolvConf('app', servers.map((at) => `nameserver ${at}\n`).join(''))
    await network.run('sysctl', '-qw', 'net.ipv4.ip_unprivileged_port_start=0')
    agent = await network.startAgent({ listen: 'localhost:53' })
  })
  after(() => network[Symbol.asyncDispose]())

  for (const server of ['127.0.0.1', '::1', addressOf('up1', 4)]) {
    it(`asks the others, once, when ${server} is asked`, async () => {
      for (const how of ['+notcp', '+tcp']) {
        assert.equal(await network.dig(`@${server}`, how, 'host.up.test'), '203.0.113.4')
        const transport = how === '+tcp' ? 'tcp' : 'udp'
        assert.deepEqual(await network.askedOf('up1'), [`host.up.test. A ${transport}`])
        assert.equal(await network.dig(`@${server}`, how, 'auto.mesh.test'), '240.240.0.1')
      }
      assert.deepEqual(await network.askedOf('up1'), [])
    })
  }

  it('has no problem', () => {
    assert.doesNotMatch(agent.stdout.text, /"level":"(warn|error)"/)
  })
})

describe('undeclared ports that may be used', { skip, timeout: 600_000 }, () => {
  let network: MeshNetwork

  before(async () => {
    network = await MeshNetwork.start()
    network.writeEntries(
      'outside.yaml',
      [
        entry({ name: 'outside', host: 'endpoint.up.test', resolution: 'DNS' }),
        entry({
          name: 'none',
          host: 'none.mesh.test',
          addresses: ['192.0.2.80'],
          resolution: 'NONE',
        }),
      ].join(''),
    )
    await network.startAgent({
      relay: { undeclaredPort: 'PASSTHROUGH' },
      virtualAddresses: { v4Prefix: '10.99.0.0/16', v6Prefix: 'fd99::/64' },
    })
  })
  after(() => network[Symbol.asyncDispose]())

  it('lead to what the name stands for outside of the mesh', async () => {
    assert.match(await network.dig('endpoint.up.test'), /^10\.99\.0\.\d+$/)
    assert.match(await network.dig('AAAA', 'endpoint.up.test'), /^fd99::\w+$/)
    const page = await network.run('curl', '-sS', '-4', 'http://endpoint.up.test:8080/')
    assert.equal(page.stdout, 'other-page endpoint.up.test:8080\n')
  })

  it('are refused where nobody answers there', async () => {
    const { code } = await network.run('curl', '-sS', '-4', 'http://endpoint.up.test:81/')
    assert.ok([7, 52, 56].includes(code), `${code}`)
  })

  it('of an entry without endpoints are never ours: connections go straight on', async () => {
    for (const [port, page] of [
      ['', 'page'],
      [':8080', 'other-page'],
    ]) {
      const { stdout } = await network.run('curl', '-sS', `http://none.mesh.test${port}/`)
      assert.equal(stdout, `${page} none.mesh.test${port}\n`)
    }
  })
})

describe('a mesh that allows what it knows only', { skip, timeout: 600_000 }, () => {
  let network: MeshNetwork
  const page = (url: string) => network.run('curl', '-s', '--max-time', '60', url)

  before(async () => {
    network = await MeshNetwork.start()
    const mesh = network.writeFile('mesh', 'outboundTrafficPolicy: { mode: REGISTRY_ONLY }\n')
    await network.startAgent({}, ['--mesh-config', mesh])
  })
  after(() => network[Symbol.asyncDispose]())

  it('reaches what it knows', async () => {
    assert.equal((await page('http://auto.mesh.test/')).stdout, 'page auto.mesh.test\n')
    assert.equal((await page('http://plain.mesh.test/')).stdout, 'page plain.mesh.test\n')
  })

  it('is refused everything else at once', async () => {
    const { code, stdout } = await page('http://192.0.2.80:8080/')
    assert.equal(stdout, '')
    assert.ok(code === 7 || code === 56, String(code))
  })

  it('keeps what stays on the machine', async () => {
    const { stdout } = await page('http://127.0.0.1:15021/healthz/ready')
    assert.match(stdout, /ready/i)
    const own = await page('http://192.0.2.10:9/')
    assert.equal(own.code, 7)
  })
})
