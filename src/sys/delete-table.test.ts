import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { networkTestsSkip } from '../testing/network-tests-skip.ts'
import { TestNetwork } from '../testing/test-network.ts'
import { deleteTable } from './delete-table.ts'
import { openNetfilterSocket } from './netfilter-socket.ts'
import { inNetworkNamespace } from './network-namespace.ts'

describe('deleteTable', { skip: networkTestsSkip() }, () => {
  const hosts = new TestNetwork()
  after(() => hosts[Symbol.asyncDispose]())

  it('takes one table away in the namespace of the socket, from outside', async () => {
    hosts.addHost('pod', 11)
    for (const name of ['meshdns', 'theirs']) {
      await hosts.run('pod', ['nft', 'add', 'table', 'inet', name])
    }
    const namespace = openSync(`/var/run/netns/${hosts.namespaceOf('pod')}`, 'r')
    const fd = inNetworkNamespace(namespace, () => openNetfilterSocket()) ?? assert.fail()
    closeSync(namespace)
    assert.equal(deleteTable(fd, 'meshdns'), 'deleted')
    const { stdout } = await hosts.run('pod', ['nft', 'list', 'tables'])
    assert.equal(stdout.trim(), 'table inet theirs')
    assert.equal(deleteTable(fd, 'meshdns'), 'absent')
    closeSync(fd)
    assert.equal(deleteTable(fd, 'meshdns'), 'refused')
  })
})
