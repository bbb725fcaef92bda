import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostname } from '../../testing/mesh.ts'
import { meshObject } from '../../testing/mesh-objects.ts'
import { endpointsOfSlices } from './slice-endpoints.ts'

const metadata = { name: 'web', namespace: 'ns1' }
const service = meshObject({
  kind: 'Service',
  metadata,
  spec: {
    clusterIP: '10.0.0.1',
    ports: [
      { name: 'http', port: 80 },
      { name: 'admin', port: 90 },
    ],
  },
})
assert.ok(service.kind === 'Service')

function sliceOf(ports: Readonly<Record<string, number>>, pods: readonly string[]) {
  const slice = meshObject({
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: pods.map((pod, at) => ({
      addresses: [`192.0.2.${at + 1}`],
      targetRef: { kind: 'Pod', name: pod },
    })),
    ports: Object.entries(ports).map(([name, port]) => ({ name, port })),
  })
  assert.ok(slice.kind === 'EndpointSlice')
  return slice
}

const workloads = { pods: new Map(), localityOf: () => undefined }
const owner = { service, host: hostname('web.ns1.svc.cluster.local'), workloads }

describe('endpointsOfSlices', () => {
  it('gives a pod the ports of all its slices, and other pods those of theirs', () => {
    const slices = [sliceOf({ http: 8080 }, ['a', 'b']), sliceOf({ admin: 9090 }, ['a'])]
    assert.deepEqual(
      endpointsOfSlices(slices, owner).map(({ ports }) => [...ports]),
      [
        [
          [80, 8080],
          [90, 9090],
        ],
        [[80, 8080]],
      ],
    )
  })

  it('holds the ports of a slice once', () => {
    const [first, second] = endpointsOfSlices([sliceOf({ http: 8080 }, ['a', 'b'])], owner)
    assert.ok(first && second)
    assert.equal(first.ports, second.ports)
  })
})
