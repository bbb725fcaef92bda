import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { meshObject } from '../../testing/mesh-objects.ts'
import type { EndpointSlice } from '../mesh-object.ts'
import { SlicesByPod } from './slices-by-pod.ts'

function sliceOf(name: string, pods: readonly string[], namespace = 'ns1'): EndpointSlice {
  const object = meshObject({
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: pods.map((pod, at) => ({
      addresses: [`192.0.2.${at + 1}`],
      targetRef: { kind: 'Pod', name: pod },
    })),
  })
  assert.equal(object.kind, 'EndpointSlice')
  return object
}

const first = sliceOf('first', ['a', 'b'])
const second = sliceOf('second', ['a'])
const elsewhere = sliceOf('elsewhere', ['a'], 'ns2')
const named = (slices: SlicesByPod, pod: string, namespace = 'ns1') =>
  [...slices.get(namespace, pod)].map(({ meta }) => meta.name)

describe('SlicesByPod', () => {
  it('knows of a namespace nothing before a pod of it is held, and then what there was', () => {
    const slices = new SlicesByPod()
    slices.add(first)
    assert.deepEqual(named(slices, 'a'), [])
    slices.addPod('ns1', [[first], [elsewhere]])
    assert.deepEqual(named(slices, 'a'), ['first'])
    assert.deepEqual(named(slices, 'a', 'ns2'), [])
    slices.add(second)
    assert.deepEqual(named(slices, 'a'), ['first', 'second'])
    slices.delete(first)
    assert.deepEqual(named(slices, 'a'), ['second'])
    assert.deepEqual(named(slices, 'b'), [])
  })

  it('knows as long as one of the pods is held', () => {
    const slices = new SlicesByPod()
    slices.addPod('ns1', [[first]])
    slices.addPod('ns1', [[first]])
    slices.deletePod('ns1')
    assert.deepEqual(named(slices, 'b'), ['first'])
    slices.deletePod('ns1')
    assert.deepEqual(named(slices, 'b'), [])
  })
})
