import { Health } from '../../src/base/health.ts'
import { silentLog } from '../../src/base/log.ts'
import { Meters } from '../../src/base/meters.ts'
import type { PlainMap } from '../../src/documents/plain-map.ts'
import type { ApiWatch } from '../../src/kubernetes/client/cluster-client.ts'
import type { ReflectorPorts } from '../../src/kubernetes/watch/reflector-options.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

export interface ClusterSize {
  readonly services: number
  readonly podsPerService: number
}

/** About what a server sends of an object besides what we keep. */
const ballast = {
  uid: '0b3f8a7e-2f7b-4d0a-9d55-0d4bd5a4b9a1',
  generation: 3,
  creationTimestamp: '2026-01-01T00:00:00Z',
  managedFields: Array.from({ length: 2 }, (_, at) => ({
    manager: `manager-${at}`,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': { 'f:ports': {} },
    },
  })),
}

/** The text of a Service as a server sends it. */
export function serviceText(index: number): string {
  return JSON.stringify({
    metadata: {
      ...ballast,
      name: `service-${index}`,
      namespace: `ns-${index % 100}`,
      resourceVersion: String(index + 1),
      labels: { app: `service-${index}`, 'app.kubernetes.io/name': `service-${index}` },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(500) },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: `10.96.${index >> 8}.${index & 255}`,
      clusterIPs: [`10.96.${index >> 8}.${index & 255}`],
      ipFamilies: ['IPv4'],
      selector: { app: `service-${index}` },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
    },
    status: { loadBalancer: {} },
  })
}

/** The text of the slice of a Service; in each version another endpoint is not ready. */
export function sliceText(index: number, pods: number, version: number): string {
  const endpoints = Array.from({ length: pods }, (_, pod) => {
    const number = index * pods + pod
    return {
      addresses: [`10.${(number >> 16) + 128}.${(number >> 8) & 255}.${number & 255}`],
      conditions: { ready: version % (pods + 1) !== pod + 1, serving: true, terminating: false },
      nodeName: `node-${number % 500}`,
      zone: `zone-${number % 3}`,
      targetRef: {
        kind: 'Pod',
        namespace: `ns-${index % 100}`,
        name: `service-${index}-6d4cf56db6-x${pod}abc`,
        uid: ballast.uid,
      },
    }
  })
  return JSON.stringify({
    metadata: {
      ...ballast,
      name: `service-${index}-abcde`,
      namespace: `ns-${index % 100}`,
      resourceVersion: String(1_000_000 * (version + 1) + index),
      labels: {
        'kubernetes.io/service-name': `service-${index}`,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        app: `service-${index}`,
      },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z' },
    },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  })
}

/** The API of a cluster of this size, without sockets: each object is parsed when it is asked for. */
export class HeldCluster {
  readonly clock = new FakeClock()
  readonly ports: ReflectorPorts
  readonly #size: ClusterSize
  readonly #watches = new Map<string, ApiWatch>()

  constructor(size: ClusterSize) {
    this.#size = size
    const client = {
      call: async ({ path, query = {} }: { path: string; query?: PlainMap }) =>
        this.#answer(path, query),
      watch: async (watch: ApiWatch) => {
        this.#watches.set(watch.path, watch)
        watch.onOpen?.()
        await new Promise<void>((resolve) =>
          watch.signal.addEventListener('abort', () => resolve()),
        )
      },
    }
    this.ports = {
      client,
      clock: this.clock,
      log: silentLog,
      health: new Health(),
      meters: new Meters(),
      random: () => 0,
    }
  }

  /** What a server sends when a slice changes. */
  change(index: number, version: number): void {
    const { podsPerService } = this.#size
    const object = JSON.parse(sliceText(index, podsPerService, version)) as PlainMap
    this.#watches.get('/apis/discovery.k8s.io/v1/endpointslices')?.onEvent('MODIFIED', object)
  }

  #answer(path: string, query: PlainMap): PlainMap {
    if (/\/v\d\w*$/.test(path)) {
      return { resources: ['services', 'endpointslices'].map((name) => ({ name })) }
    }
    const { services, podsPerService } = this.#size
    const textOf = path.endsWith('/services')
      ? serviceText
      : (index: number) => sliceText(index, podsPerService, 0)
    const from = Number(query['continue'] ?? 0)
    const to = Math.min(services, from + Number(query['limit']))
    const isOther = !path.endsWith('/services') && !path.endsWith('/endpointslices')
    const items =
      isOther || (path.endsWith('/endpointslices') && podsPerService === 0)
        ? []
        : Array.from({ length: to - from }, (_, at) => JSON.parse(textOf(from + at)) as PlainMap)
    const more = items.length > 0 && to < services ? { continue: String(to) } : {}
    return { metadata: { resourceVersion: '1', ...more }, items }
  }
}
