import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../../../base/log.ts'
import type { ApiCall } from '../../../kubernetes/client/cluster-client.ts'
import { FakeClock } from '../../../testing/fake-clock.ts'
import { until } from '../../../testing/until.ts'
import { ClusterKeys } from './cluster-keys.ts'

describe('ClusterKeys', () => {
  it('asks again soon when the cluster did not give them, and then seldom', async (test) => {
    const clock = new FakeClock()
    const paths: string[] = []
    let isAway = true
    const client = {
      async call({ path }: ApiCall) {
        paths.push(path)
        if (isAway) throw new Error('away')
        return { issuer: 'https://cluster', keys: [] }
      },
    }
    const parts = { client, audience: 'istio-ca', skewSeconds: 0, clock, log: silentLog }
    const keys = await new ClusterKeys(parts).start()
    test.after(() => keys.stop())
    isAway = false
    clock.advance(15_000)
    await until(() => paths.length === 3 && clock.waiting === 1)
    clock.advance(15_000)
    assert.equal(paths.length, 3)
  })
})
