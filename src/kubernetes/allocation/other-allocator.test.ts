import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { ApiFailure } from '../client/api-failure.ts'
import type { ApiCall } from '../client/cluster-client.ts'
import { OtherAllocator } from './other-allocator.ts'

/** A cluster whose leases the test sets, by namespace. */
function createRig(istiodNamespace = '') {
  const clock = new FakeClock()
  const leases = new Map<string, object>()
  const paths: string[] = []
  const api = { forbidden: '', status: 0 }
  const client = {
    async call({ path }: ApiCall) {
      paths.push(path)
      if (api.status > 0) {
        throw new ApiFailure('list', { status: api.status, reason: '', message: 'not now' })
      }
      if (path === api.forbidden) {
        throw new ApiFailure('list', { status: 403, reason: 'Forbidden', message: 'no' })
      }
      const items = [...leases].map(([namespace, spec]) => ({ metadata: { namespace }, spec }))
      return { items: [...items, 7] }
    },
  }
  const options = { istiodNamespace, namespace: 'istio-system' }
  const other = new OtherAllocator(options, { client, clock, log: silentLog })
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(500)
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    }
  }
  return { clock, leases, paths, api, other, pass }
}

const held = (renewTime = '2026-01-01T00:00:00.000000Z') => ({
  holderIdentity: 'istiod-1',
  leaseDurationSeconds: 30,
  renewTime,
})

describe('OtherAllocator', () => {
  it('finds nobody where there is no lease', async () => {
    const { other } = createRig()
    assert.equal(other.isAway, false)
    await other.start()
    assert.deepEqual([other.found, other.isAway], [undefined, true])
  })

  it('does not know that nobody is there while the cluster does not say', async () => {
    const { api, other, pass } = createRig()
    api.status = 500
    await other.start()
    assert.deepEqual([other.found, other.isAway], [undefined, false])
    api.status = 0
    await pass(7_500)
    assert.equal(other.isAway, true)
  })

  it('takes a lease for held as long as the cluster does not say', async () => {
    const { leases, api, other, pass } = createRig()
    leases.set('istio-system', held())
    await other.start()
    api.status = 503
    await pass(60_000)
    assert.equal(other.found, 'istio-system/istiod-1')
    api.status = 0
    await pass(7_500)
    assert.equal(other.isAway, true)
  })

  it('takes it that nobody is there where it may look nowhere', async () => {
    const { api, other } = createRig()
    api.status = 403
    await other.start()
    assert.equal(other.isAway, true)
  })

  it('takes a lease that somebody holds for alive, until it was not renewed for its time', async () => {
    const { leases, other, pass } = createRig()
    leases.set('istio-system', held())
    await other.start()
    assert.equal(other.found, 'istio-system/istiod-1')
    await pass(29_500)
    assert.equal(other.found, 'istio-system/istiod-1')
    await pass(500)
    assert.equal(other.found, undefined)
    leases.set('istio-system', held('1999-01-01T00:00:00.000000Z'))
    await pass(7_500)
    assert.equal(other.found, 'istio-system/istiod-1', 'renewed by whatever clock')
  })

  it('sees at the next look that a lease was let go', async () => {
    const { leases, other, pass } = createRig()
    leases.set('istio-system', held())
    await other.start()
    let looks = 0
    other.follow(() => (looks += 1))
    leases.set('istio-system', { ...held(), holderIdentity: '' })
    await pass(7_500)
    assert.deepEqual([other.found, looks], [undefined, 1])
  })

  it('looks into its own namespace where it may not look into all', async () => {
    const { leases, api, paths, other, pass } = createRig()
    api.forbidden = '/apis/coordination.k8s.io/v1/leases'
    leases.set('istio-system', held())
    await other.start()
    assert.equal(other.found, 'istio-system/istiod-1')
    await pass(7_500)
    assert.equal(other.found, 'istio-system/istiod-1')
    assert.equal(paths.at(-1), '/apis/coordination.k8s.io/v1/namespaces/istio-system/leases')
  })

  it('looks only where it was told to, and no more when it is stopped', async () => {
    const { paths, other, pass } = createRig('istio')
    await other.start()
    await other.stop()
    await pass(20_000)
    assert.deepEqual(paths, ['/apis/coordination.k8s.io/v1/namespaces/istio/leases'])
  })
})
