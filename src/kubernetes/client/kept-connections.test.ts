import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { ClusterClient } from './cluster-client.ts'
import { openKubeconfig } from './kubeconfig-access.ts'

/** A server and a client of it; counts connections, and gives the file that the client's authority stands in. */
async function start(test: TestContext) {
  const server = createServer((_, response) => response.end('{}'))
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const folder = await temporaryFolder(test)
  const [kubeconfig, authority] = [join(folder, 'kubeconfig'), join(folder, 'ca.crt')]
  await writeFile(authority, 'one')
  const cluster = {
    server: `http://127.0.0.1:${port}`,
    'certificate-authority': authority,
    'insecure-skip-tls-verify': true,
  }
  const config = {
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token: 'secret' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  }
  await writeFile(kubeconfig, JSON.stringify(config))
  const client = new ClusterClient(openKubeconfig({ kubeconfig, context: '' }))
  return { client, authority, connections: () => connections }
}

describe('connections to a cluster', () => {
  it('are used again', async (test) => {
    const { client, connections } = await start(test)
    for (let call = 0; call < 20; call += 1) await client.call({ path: '/api' })
    // One that has just answered may not be free yet.
    assert.ok(connections() <= 3, `${connections()} connections`)
  })

  it('are made anew when the cluster is trusted by another certificate', async (test) => {
    const { client, authority, connections } = await start(test)
    await client.call({ path: '/api' })
    const { dispatcher } = await client.access.authorize()
    assert.equal((await client.access.authorize()).dispatcher, dispatcher)
    await writeFile(authority, 'two')
    assert.notEqual((await client.access.authorize()).dispatcher, dispatcher)
    const before = connections()
    await client.call({ path: '/api' })
    assert.equal(connections(), before + 1)
  })
})
