import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { networkTestsSkip } from '../../src/testing/network-tests-skip.ts'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { entry } from './mesh-entries.ts'
import { MeshNetwork } from './mesh-network.ts'

const host = 'shared.mesh.test'
/** Two entries for one host, each with a port and an endpoint of its own. */
const files: Readonly<Record<string, string>> = {
  'a.yaml': entry({ name: 'first', host, port: 80 }),
  'b.yaml': entry({ name: 'second', host, port: 5432, protocol: 'TCP', endpointPort: 6001 }),
}

describe('two entries for one host', { skip: networkTestsSkip(), timeout: 600_000 }, () => {
  let network: MeshNetwork
  let agent: HostProcess

  before(async () => {
    network = await MeshNetwork.start()
    agent = await network.startAgent()
  })
  after(() => network[Symbol.asyncDispose]())

  const change = async (make: () => void) => {
    agent.stdout.clear()
    make()
    await agent.stdout.line(/"the mesh changed"/)
  }

  for (const order of [
    ['a.yaml', 'b.yaml'],
    ['b.yaml', 'a.yaml'],
  ]) {
    it(`share an address and work on all ports, ${order.join(' before ')}`, async () => {
      for (const file of order) {
        await change(() => network.writeEntries(file, files[file] ?? ''))
      }
      const answers = await Promise.all([network.dig(host), network.dig('AAAA', host)])
      assert.deepEqual(answers, ['240.240.0.5', '2001:2::5'])
      for (const family of ['-4', '-6']) {
        const page = await network.run('curl', '-sS', family, `http://${host}/`)
        assert.equal(page.stdout, `page ${host}\n`)
      }
      const greeting = await network.run('bash', '-c', `cat < /dev/tcp/${host}/5432`)
      assert.equal(greeting.stdout, 'tcp-one\n')
      for (const file of order) await change(() => network.removeEntries(file))
    })
  }
})
