import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess, Outcome } from '../../src/testing/test-network.ts'
import { type MachineName, MeshOfMachines } from './mesh-of-machines.ts'

const skip = networkTestsSkip()
const names: readonly MachineName[] = ['vm1', 'vm2']

/** What `curl -v` says of where it connects to, and the page. */
function connected({ stdout, stderr }: Outcome): string {
  const [, tried] = /\* +Trying (.*?)\.\.\.\n/.exec(stderr) ?? []
  return `${tried}: ${stdout.trim()}`
}

async function curl(mesh: MeshOfMachines, name: MachineName, ...words: readonly string[]) {
  return connected(await mesh.machine(name).run('curl', '-v', ...words))
}

/** Numbers of a line of /proc/PID/status. */
function statusOf({ child }: HostProcess, name: string): string | undefined {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1]
}

describe('machines of a mesh that was installed from the page’s IstioOperator', {
  skip,
  timeout: 600_000,
}, () => {
  let mesh: MeshOfMachines
  const agents = new Map<MachineName, HostProcess>()

  before(async () => {
    mesh = await MeshOfMachines.start()
    mesh.putObject('external-address.yaml')
    mesh.putObject('external-auto.yaml')
    await mesh.startController()
    await mesh.createGroup('shop', '--labels', 'app=shop')
    await Promise.all([
      mesh.onboard('vm1', { group: 'shop', families: [4] }),
      mesh.onboard('vm2', { group: 'shop' }),
    ])
    const start = async (name: MachineName) => agents.set(name, await mesh.syncAgent(name))
    await Promise.all(names.map(start))
    await mesh.upstream.asked()
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  it('have agents with no more rights than their unit gives them', () => {
    for (const agent of agents.values()) {
      assert.match(statusOf(agent, 'Uid') ?? '', /^1337\b/)
      // CAP_NET_ADMIN, and nothing else, now or later.
      for (const set of ['CapEff', 'CapBnd']) {
        assert.equal(Number(`0x${statusOf(agent, set)}`), 1 << 12)
      }
    }
  })

  it('try the same virtual address, and reach the endpoint', async () => {
    const page = '240.240.0.1:80: page-198.51.100.2 auto.internal'
    assert.equal(await curl(mesh, 'vm1', 'auto.internal'), page)
    assert.equal(await curl(mesh, 'vm2', '-4', 'auto.internal'), page)
  })

  it('try one of IPv6 where there is IPv6', async () => {
    const page = '[2001:2::1]:80: page-198.51.100.2 auto.internal'
    assert.equal(await curl(mesh, 'vm2', 'auto.internal'), page)
    assert.equal(await mesh.machine('vm1').dig('AAAA', 'auto.internal'), '')
  })

  it('resolve a host that has an address of its own', async () => {
    const page = '198.51.100.1:80: page-198.51.100.1 address.internal'
    for (const name of names) assert.equal(await curl(mesh, name, 'address.internal'), page)
  })

  it('ask the server of resolv.conf for names outside, and for no others', async () => {
    for (const name of names) {
      assert.equal(await mesh.machine(name).dig(`${name}.up.test`), '203.0.113.4')
      assert.equal(await mesh.machine(name).dig('+tcp', 'auto.internal'), '240.240.0.1')
      assert.equal(await mesh.machine(name).dig('TXT', 'auto.internal'), '')
    }
    const asked = await mesh.upstream.asked()
    assert.deepEqual(asked, ['vm1.up.test. A udp', 'vm2.up.test. A udp'])
  })

  it('are known to the controller by their identity', async () => {
    const status = await mesh.controller.meshdns('proxy-status', '--output', 'json')
    const { proxies } = JSON.parse(status) as { proxies: readonly Record<string, string>[] }
    const seen = proxies.map(({ name, address, identity, state }) =>
      [name, address, identity, state].join(' '),
    )
    const identity = 'spiffe://cluster.local/ns/vms/sa/shop'
    assert.deepEqual(seen.sort(), [
      `vm1.vms 192.0.2.11 ${identity} in force`,
      `vm2.vms 192.0.2.12 ${identity} in force`,
    ])
  })
})

describe('machines of a mesh that says nothing of capture', { skip, timeout: 600_000 }, () => {
  let mesh: MeshOfMachines

  before(async () => {
    mesh = await MeshOfMachines.start(
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {}\n',
    )
    mesh.putObject('external-auto.yaml')
    await mesh.startController()
    await mesh.createGroup('plain')
    const annotation = 'proxy.istio.io/config={"proxyMetadata":{"ISTIO_META_DNS_CAPTURE":"true"}}'
    await mesh.createGroup('chosen', '--annotations', annotation)
    const words = ['--capture-dns=false']
    await Promise.all([
      mesh.onboard('vm1', { group: 'plain', words }),
      mesh.onboard('vm2', { group: 'chosen', words }),
    ])
    await Promise.all(names.map((name) => mesh.syncAgent(name)))
    await mesh.upstream.asked()
  })
  after(() => mesh?.[Symbol.asyncDispose]())

  it('are left alone when they are onboarded without it', async () => {
    const machine = mesh.machine('vm1')
    assert.equal((await machine.run('nft', 'list', 'ruleset')).stdout, '')
    assert.equal(await machine.dig('auto.internal'), '')
    assert.deepEqual(await mesh.upstream.asked(), ['auto.internal. A udp'])
  })

  it('have it where the annotation of their group says so', async () => {
    assert.equal(
      await curl(mesh, 'vm2', '-4', 'auto.internal'),
      '240.240.0.1:80: page-198.51.100.2 auto.internal',
    )
    assert.deepEqual(await mesh.upstream.asked(), [])
  })
})
