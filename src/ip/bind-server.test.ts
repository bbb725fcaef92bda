import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, it, type TestContext } from 'node:test'
import { bindServer, boundAddress, isAddressAway } from './bind-server.ts'
import { formatSocketAddress, parseSocketAddress } from './socket-address.ts'

const linkLocal = Object.entries(networkInterfaces()).flatMap(([zone, all = []]) =>
  all.flatMap(({ address }) => (address.startsWith('fe80:') ? `${address}%${zone}` : [])),
)

function serverOf(test: TestContext) {
  const server = createServer()
  test.after(() => server.close())
  return server
}

describe('bindServer', () => {
  for (const address of ['127.0.0.1', '::1', ...linkLocal.slice(0, 1)]) {
    it(`says where it is at ${address}`, async (test) => {
      const server = serverOf(test)
      const where = parseSocketAddress(address.includes(':') ? `[${address}]:0` : `${address}:0`)
      const bound = await bindServer(server, where)
      assert.deepEqual({ ...bound, port: 0 }, where)
      assert.notEqual(bound.port, 0)
      assert.deepEqual(boundAddress(server), bound)
    })
  }

  it('leaves IPv4 to others at all addresses of IPv6', async (test) => {
    const { port } = await bindServer(serverOf(test), parseSocketAddress('[::]:0'))
    const bound = await bindServer(serverOf(test), parseSocketAddress(`0.0.0.0:${port}`))
    assert.equal(formatSocketAddress(bound), `0.0.0.0:${port}`)
  })

  it('rejects as the system does', async (test) => {
    const away = bindServer(serverOf(test), parseSocketAddress('192.0.2.1:0'))
    await assert.rejects(away, isAddressAway)
    const first = await bindServer(serverOf(test), parseSocketAddress('127.0.0.1:0'))
    const taken = bindServer(serverOf(test), first)
    await assert.rejects(taken, (error) => !isAddressAway(error))
  })

  it('knows no address of a server without one', (test) => {
    assert.throws(() => boundAddress(serverOf(test)), TypeError)
  })
})
