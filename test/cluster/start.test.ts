import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip({ takesExisting: true })

describe('the test cluster', { skip }, () => {
  it('answers kubectl and our own client', async () => {
    await using cluster = await TestCluster.start()
    assert.match(await cluster.must(['get', 'namespaces', '-o', 'name']), /namespace\/default/)
    const client = cluster.connect()
    const found = await client.call({ path: '/api/v1/namespaces/default' })
    assert.equal(found['kind'], 'Namespace')
    const own = await cluster.createNamespace()
    assert.equal((await client.call({ path: `/api/v1/namespaces/${own}` }))['kind'], 'Namespace')
    await assert.rejects(client.call({ path: '/api/v1/namespaces/meshdns-none' }), { status: 404 })
    const both = [1, 2].map(() => cluster.run('kubectl', ['proxy', '--port=0']))
    await cluster.stop('kubectl')
    const signals = both.map(({ signalCode }) => signalCode)
    assert.deepEqual(signals, ['SIGKILL', 'SIGKILL'], 'one of two was forgotten')
  })
})
