import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VirtualAddressOptions } from '../../allocate/options.ts'
import { Health } from '../../base/health.ts'
import { silentLog } from '../../base/log.ts'
import { Meters } from '../../base/meters.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { until } from '../../testing/until.ts'
import { ApiFailure } from '../client/api-failure.ts'
import type { ApiCall } from '../client/cluster-client.ts'
import { EntryTable } from './entry-table.ts'
import { ClusterAllocationOptions } from './options.ts'
import { startAllocation } from './start-allocation.ts'

const record = '/api/v1/namespaces/istio-system/configmaps/meshdns-virtual-addresses'

describe('startAllocation', () => {
  it('gives out nothing before it is known that no istiod does', async (test) => {
    const clock = new FakeClock()
    const paths: string[] = []
    let isAway = true
    const client = {
      async call({ path, method = 'GET' }: ApiCall) {
        paths.push(path)
        if (!isAway && path.endsWith('/leases')) return { items: [] }
        const status = isAway ? 500 : method === 'GET' ? 404 : 409
        throw new ApiFailure(path, { status, reason: '', message: 'no' })
      },
    }
    const allocation = await startAllocation(
      {
        virtualAddresses: VirtualAddressOptions.parse({}),
        allocation: ClusterAllocationOptions.parse({}),
        namespace: 'istio-system',
      },
      {
        client,
        clock,
        log: silentLog,
        health: new Health(),
        meters: new Meters(),
        random: () => 0,
        table: new EntryTable(),
        declared: { services: () => new Map(), follow: () => {} },
        version: () => 'v1',
        elector: { leads: true, identity: 'one', follow: () => {} },
      },
    )
    test.after(() => allocation.stop())
    clock.advance(7_500)
    await until(() => paths.length === 2 && clock.waiting === 1)
    assert.ok(!paths.includes(record))
    isAway = false
    clock.advance(7_500)
    await until(() => paths.includes(record))
  })
})
