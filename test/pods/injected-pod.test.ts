import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { IpFamily } from '../../src/ip/address.ts'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { MeshOfMachines } from '../mesh/mesh-of-machines.ts'
import { said } from '../mesh/said.ts'
import { PodHost } from './pod-host.ts'

const skip = networkTestsSkip()
const captureOn = 'proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" }\n'

interface Case {
  readonly name: string
  readonly families: readonly IpFamily[]
  /** A name of the mesh, what `curl` tries for it, and what its endpoint says. */
  readonly host: string
  readonly virtual: string
  readonly endpoint: string
  /** A page outside of the mesh, and what it says. */
  readonly outside: string
  readonly page: string
}

const cases: readonly Case[] = [
  {
    name: 'a pod of both families',
    families: [4, 6],
    host: 'auto.internal',
    virtual: '[2001:2::1]:80',
    endpoint: 'page-198.51.100.2 auto.internal',
    outside: 'http://198.51.100.3/',
    page: 'page-198.51.100.3 198.51.100.3',
  },
  {
    name: 'a pod of IPv4',
    families: [4],
    host: 'auto.internal',
    virtual: '240.240.0.1:80',
    endpoint: 'page-198.51.100.2 auto.internal',
    outside: 'http://198.51.100.3/',
    page: 'page-198.51.100.3 198.51.100.3',
  },
  {
    name: 'a pod of IPv6',
    families: [6],
    host: 'v6.internal',
    virtual: '[2001:2::2]:80',
    endpoint: 'page-v6 v6.internal',
    outside: 'http://[2001:db8::80]/',
    page: 'page-v6 [2001:db8::80]',
  },
]

describe('the containers of an injected pod', { skip, timeout: 600_000 }, () => {
  let mesh: MeshOfMachines

  before(async () => {
    mesh = await MeshOfMachines.start()
    mesh.putObject('external-address.yaml')
    mesh.putObject('external-auto.yaml')
    mesh.putObject('v6.yaml', v6Entry)
    await mesh.startController()
    await mesh.createGroup('shop', '--labels', 'app=shop')
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  for (const [
    index,
    { name, families, host, virtual, endpoint, outside, page },
  ] of cases.entries()) {
    describe(`of ${name}`, () => {
      let pod: PodHost
      let agent: HostProcess

      before(async () => {
        const annotations = { 'proxy.istio.io/config': captureOn }
        pod = await PodHost.create(mesh, { annotations, families, last: 21 + index })
        await pod.init()
        agent = pod.start('istio-proxy')
        await pod.started()
      })

      it('lose no question of who comes after the startup probe', async () => {
        const names = Array.from({ length: 50 }, (_, at) => `n${at}.up.test.`)
        const { stdout } = await pod.run('dig', '+short', '+tries=1', '+time=30', ...names)
        assert.equal(stdout, '203.0.113.4\n'.repeat(names.length))
        await mesh.upstream.asked()
      })

      it('are of one that may do nothing but serve', () => {
        const status = readFileSync(`/proc/${agent.child.pid}/status`, 'utf8')
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
          assert.match(status, new RegExp(`^${set}:\\s+0+$`, 'm'))
        }
        assert.match(status, /^Uid:\s+1337\b/m)
        assert.match(status, /^NoNewPrivs:\s+1$/m)
      })

      it('answer names of the mesh, and carry connections to them', async () => {
        await said(agent, /"the table is the controller/)
        const { stdout, stderr } = await pod.run('curl', '-sv', '--max-time', '60', host)
        const [, tried] = /Trying (.*?)\.\.\.\n/.exec(stderr) ?? []
        assert.deepEqual([tried, stdout.trim()], [virtual, endpoint])
      })

      it('let connections out that are not of the mesh', async () => {
        const carried = async () =>
          (await pod.host.metrics(15_020)).get('meshdns_relay_connections_total') ?? 0
        const before = await carried()
        const { stdout } = await pod.run('curl', '-sS', '--max-time', '60', outside)
        assert.equal(stdout.trim(), page)
        assert.equal((await carried()) - before, 1)
      })

      it('leave the rules alone, from the first to the last', async () => {
        const rules = async () => (await pod.run('nft', '-s', 'list', 'ruleset')).stdout
        const before = await rules()
        assert.match(before, /redirect to :15053/)
        agent.child.kill('SIGTERM')
        assert.equal(await agent.ended, 0, agent.stdout.text)
        assert.equal(await rules(), before)
      })
    })
  }

  it('are only the agent where nothing is switched on', async () => {
    const pod = await PodHost.create(mesh, { last: 31 })
    await pod.init()
    pod.start('istio-proxy')
    await pod.started()
    assert.equal((await pod.run('nft', 'list', 'ruleset')).stdout, '')
    await mesh.upstream.asked()
    await pod.run('dig', '+short', '+tries=1', '+time=30', 'auto.internal.')
    assert.deepEqual(await mesh.upstream.asked(), ['auto.internal. A udp'])
  })
})

const v6Entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: v6, namespace: vms }
spec:
  hosts: [v6.internal]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: "2001:db8::80" }]
`
