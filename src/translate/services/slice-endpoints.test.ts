import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostname } from '../../testing/mesh.ts'
import { meshObject } from '../../testing/mesh-objects.ts'
import { endpointsOfSlices } from './slice-endpoints.ts'

const metadata = { name: 'web', namespace: 'ns1' }

function ownerOf(spec: object) {
  const ports = [
    { name: 'http', port: 80 },
    { name: 'admin', port: 90 },
  ]
  const service = meshObject({
    kind: 'Service',
    metadata,
    spec: { clusterIP: '10.0.0.1', ports, ...spec },
  })
  assert.ok(service.kind === 'Service')
  const workloads = { pods: new Map(), localityOf: () => undefined }
  return { service, host: hostname('web.ns1.svc.cluster.local'), workloads }
}

function sliceOf(ports: Readonly<Record<string, number>>, endpoints: readonly object[]) {
  const slice = meshObject({
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: endpoints.map((more, at) => ({ addresses: [`192.0.2.${at + 1}`], ...more })),
    ports: Object.entries(ports).map(([name, port]) => ({ name, port })),
  })
  assert.ok(slice.kind === 'EndpointSlice')
  return slice
}

const ofPod = (name: string) => ({ targetRef: { kind: 'Pod', name } })
const both = [ofPod('a'), ofPod('b')]
const owner = ownerOf({})
const going = { ready: false, serving: true, terminating: true }

describe('endpointsOfSlices', () => {
  it('gives a pod the ports of all its slices, and other pods those of theirs', () => {
    const slices = [sliceOf({ http: 8080 }, both), sliceOf({ admin: 9090 }, [ofPod('a')])]
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

  for (const [isReady, want] of [
    [true, '192.0.2.9'],
    [false, '2001:db8::1'],
  ] as const) {
    it(`keeps a pod that was made again, ready: ${isReady}, apart from the one before, which another slice still names`, () => {
      const made = { ...ofPod('a'), addresses: ['192.0.2.9'], conditions: { ready: isReady } }
      const before = { ...ofPod('a'), addresses: ['2001:db8::1'], conditions: going }
      const slices = [made, before].map((one) => sliceOf({ http: 8080 }, [one]))
      for (const order of [slices, slices.toReversed()]) {
        const healthy = endpointsOfSlices(order, owner).filter((one) => one.healthy)
        assert.deepEqual(
          healthy.map(({ target, otherAddresses }) => [target, otherAddresses]),
          [[{ kind: 'ip', address: want }, []]],
        )
      }
    })
  }

  it('holds the ports of a slice once', () => {
    const [first, second] = endpointsOfSlices([sliceOf({ http: 8080 }, both)], owner)
    assert.ok(first && second)
    assert.equal(first.ports, second.ports)
  })

  const rows: readonly {
    readonly name: string
    readonly spec?: object
    /** By node. */
    readonly conditions: Readonly<Record<string, object>>
    /** Nodes of endpoints that are used. */
    readonly want: readonly string[]
  }[] = [
    {
      name: 'uses none that is going away while one is ready',
      conditions: { n1: going, n2: { ready: true } },
      want: ['n2'],
    },
    {
      name: 'uses those that are going away but serve while none is ready',
      conditions: { n1: going, n2: { ready: false }, n3: { ...going, serving: false } },
      want: ['n1'],
    },
    {
      name: 'uses none that is going away for a headless Service',
      spec: { clusterIP: 'None' },
      conditions: { n1: going },
      want: [],
    },
    {
      name: 'looks at each node by itself where traffic stays there',
      spec: { internalTrafficPolicy: 'Local' },
      conditions: { n1: going, n2: { ready: true }, n3: { ready: false } },
      want: ['n1', 'n2'],
    },
  ]
  for (const { name, spec, conditions, want } of rows) {
    it(name, () => {
      const endpoints = Object.entries(conditions).map(([nodeName, one]) => ({
        nodeName,
        conditions: one,
      }))
      const used = endpointsOfSlices([sliceOf({ http: 8080 }, endpoints)], ownerOf(spec ?? {}))
      assert.deepEqual(
        used.filter(({ healthy }) => healthy).map(({ node }) => node),
        want,
      )
    })
  }
})
