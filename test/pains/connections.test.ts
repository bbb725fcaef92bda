import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { dataOf } from '../../src/testing/dig-reply.ts'
import { fixtureMesh } from '../../src/testing/fixture-mesh.ts'
import { Machine } from '../../src/testing/machine.ts'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'

const program = (name: string) =>
  fileURLToPath(new URL(`../../src/testing/${name}`, import.meta.url))

/** Names that exist at the upstream; below the second wildcard there is one endpoint for all. */
const wildcards = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: everyone, namespace: ns1 }
spec:
  hosts: ['*.wild.up.test']
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DYNAMIC_DNS
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: some, namespace: ns1 }
spec:
  hosts: ['*.more.wild.up.test']
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: STATIC
  endpoints: [{ address: 198.51.100.14 }]
`

/** Where the upstream says that `endpoint` is, where it says that everything else is, and the one endpoint. */
const addresses = ['192.0.2.80/32', '203.0.113.4/32', '198.51.100.14/32', '198.51.100.11/32']

const capture = ['--capture-enabled', 'true', '--capture-dns', 'none']

describe('connections to virtual addresses', { skip: privateNetworksSkip() }, () => {
  // Row 19.
  it('below a wildcard go where the server name says, and the most specific wildcard wins', async () => {
    await using machine = await Machine.start({
      mesh: `${fixtureMesh}${wildcards}`,
      outside: ['192.0.2.1/24'],
      addresses,
      flags: capture,
    })
    const servers = ['endpoint@192.0.2.80:443', 'other@203.0.113.4:443', 'some@198.51.100.14:443']
    const argv = [process.execPath, program('tls-main.ts')]
    const service = machine.network.start([...argv, 'serve', ...servers])
    await service.stdout.line(/^ready$/)

    const virtual = dataOf(await machine.dig('endpoint.wild.up.test'))
    assert.match(virtual.join(), /^240\.240\.0\.\d+$/)
    assert.deepEqual(dataOf(await machine.dig('b.wild.up.test')), virtual)
    assert.deepEqual(dataOf(await machine.dig('x.y.wild.up.test')), virtual)
    const specific = dataOf(await machine.dig('a.more.wild.up.test'))
    assert.match(specific.join(), /^240\.240\.0\.\d+$/)
    assert.notDeepEqual(specific, virtual)
    assert.deepEqual(machine.asked(), [])
    assert.deepEqual(dataOf(await machine.dig('wild.up.test')), ['203.0.113.4'])
    assert.deepEqual(machine.asked(), ['wild.up.test. A udp'])

    for (const [host, greeter] of [
      ['endpoint.wild.up.test', 'endpoint'],
      ['b.wild.up.test', 'other'],
      ['a.more.wild.up.test', 'some'],
    ]) {
      const { stdout, stderr } = await machine.run(...argv, 'call', host ?? '', '443')
      assert.equal(stdout, `${greeter} greets ${host}\n`, stderr)
    }
  })

  // Row 20.
  it('of an earlier range still reach their endpoints', async () => {
    await using machine = await Machine.start({
      outside: ['192.0.2.1/24'],
      addresses: addresses.slice(3),
      flags: capture,
    })
    const argv = [process.execPath, program('endpoint-main.ts'), 'one@198.51.100.11:80']
    await machine.network.start(argv).stdout.line(/^ready$/)
    const call = async () => {
      const argv = ['curl', '-sv', '--max-time', '60', 'http://auto.mesh.test/']
      const { stdout, stderr, code } = await machine.run(...argv)
      assert.match(stderr, /Trying 240\.240\.0\.1:80/)
      assert.equal(code, 0, stderr)
      return stdout
    }
    assert.equal(await call(), 'one auto.mesh.test\n')
    await machine.agent.end('SIGTERM')
    await machine.startAgent(['--virtual-addresses-v4-prefix', '10.99.0.0/16'])
    assert.equal(await call(), 'one auto.mesh.test\n')
  })
})
