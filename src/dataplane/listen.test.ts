import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { silentLog } from '../base/log.ts'
import { boundAddress } from '../ip/bind-server.ts'
import { closedPort, listenTcp } from '../testing/sockets.ts'
import { listenAll } from './listen.ts'

describe('listenAll', () => {
  it('listens on all addresses, of both families', async () => {
    const servers = await listenAll(['127.0.0.1:0', '[::1]:0'], silentLog)
    assert.deepEqual(
      servers.map((server) => boundAddress(server).address),
      ['127.0.0.1', '::1'],
    )
    for (const server of servers) server.close()
  })

  it('listens on none when one cannot be had', async () => {
    const free = await closedPort()
    const { server, port } = await listenTcp(() => {})
    const addresses = [`127.0.0.1:${free}`, `127.0.0.1:${port}`]
    await assert.rejects(listenAll(addresses, silentLog), {
      code: 'DATAPLANE_LISTEN',
      message: `the relay cannot listen on 127.0.0.1:${port}`,
    })
    const [error] = (await once(connect({ host: '127.0.0.1', port: free }), 'error')) as [Error]
    assert.match(error.message, /ECONNREFUSED/)
    server.close()
  })

  it('does without an IPv6 address that this machine does not have, but not without any', async () => {
    const missing = '[2001:db8:ffff::1]:0'
    const servers = await listenAll([missing, '127.0.0.1:0'], silentLog)
    assert.equal(servers.length, 1)
    for (const server of servers) server.close()
    await assert.rejects(listenAll([missing], silentLog), { code: 'DATAPLANE_LISTEN' })
  })
})
