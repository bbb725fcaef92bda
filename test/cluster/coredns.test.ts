import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startUpstreamServer } from '../../src/testing/upstream-server.ts'
import { Coredns } from './coredns.ts'
import { clusterTestsSkip } from './programs.ts'
import { runProgram } from './run-program.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const service = `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { clusterIP: 10.96.0.80, ports: [{ name: http, port: 80 }] }
`

describe('CoreDNS of a test cluster', { skip }, () => {
  it('answers for services, asks its upstream for other names, and counts its questions', async () => {
    await using cluster = await TestCluster.start()
    await cluster.must(['apply', '-f', '-'], service)
    const answers = [{ type: 'A', name: 'out.example', data: '192.0.2.7' } as const]
    const upstream = await startUpstreamServer({ 'out.example A': { reply: { answers } } })
    try {
      const { address, port } = upstream.server
      const coredns = await Coredns.start(cluster, { upstream: `${address}:${port}` })
      const dig = async (...words: readonly string[]) => {
        const place = [`@${coredns.address}`, '-p', `${coredns.port}`]
        return (
          await runProgram(['dig', '+short', '+tries=1', '+time=30', ...place, ...words])
        ).stdout.trim()
      }
      const name = 'web.default.svc.cluster.local.'
      assert.equal(await dig(name), '10.96.0.80')
      assert.equal(await dig('-x', '10.96.0.80'), name)
      assert.equal(await dig('out.example'), '192.0.2.7')
      assert.deepEqual(await coredns.asked(), [
        `${name} A`,
        '80.0.96.10.in-addr.arpa. PTR',
        'out.example. A',
      ])
      assert.deepEqual(await coredns.asked(), [])
    } finally {
      upstream.stop()
    }
  })
})
