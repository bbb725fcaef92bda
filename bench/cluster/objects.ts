/** How large a cluster is. */
export interface ClusterSize {
  readonly services: number
  readonly podsPerService: number
  /** ServiceEntries that want addresses. */
  readonly entries: number
}

export const namespaceCount = 100
const nodeCount = 500

export const namespaceOf = (service: number) => `scale-${service % namespaceCount}`
export const serviceName = (service: number) => `service-${service}`
export const sliceName = (service: number) => `service-${service}-abcde`

export function pathOf(kind: string, namespace: string, name = ''): string {
  const base = kind === 'endpointslices' ? '/apis/discovery.k8s.io/v1' : '/api/v1'
  return `${base}/namespaces/${namespace}/${kind}${name === '' ? '' : `/${name}`}`
}

/** One of ten is headless, one of two families, one has ports of nodes; the others are ordinary. */
export function serviceObject(service: number): object {
  const mix = service % 10
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }]
  if (mix >= 6) ports.push({ name: 'metrics', port: 9090, targetPort: 9090 })
  return {
    metadata: {
      name: serviceName(service),
      labels: { app: serviceName(service), 'app.kubernetes.io/part-of': 'scale' },
    },
    spec: {
      selector: { app: serviceName(service) },
      ports,
      ...(mix === 0 ? { clusterIP: 'None' } : {}),
      ...(mix === 1 ? { ipFamilyPolicy: 'PreferDualStack' } : {}),
      ...(mix === 2 ? { type: 'NodePort' } : {}),
    },
  }
}

/** Of a pod of a Service; in each version it has another one. */
export function addressOf(number: number, version = 0): string {
  return `10.${128 + version * 2 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`
}

const podName = (service: number, pod: number) => `${serviceName(service)}-6d4cf56db6-x${pod}abc`

export interface EndpointState {
  readonly ready: boolean
  readonly version: number
}

/** Endpoints of the slice of a Service, as they are unless `states` says something else of one. */
export function endpointsOf(
  service: number,
  pods: number,
  states: ReadonlyMap<number, EndpointState> = new Map(),
): readonly object[] {
  return Array.from({ length: pods }, (_, pod) => {
    const number = service * pods + pod
    const { ready = true, version = 0 } = states.get(pod) ?? {}
    return {
      addresses: [addressOf(number, version)],
      conditions: { ready, serving: ready, terminating: false },
      nodeName: `node-${number % nodeCount}`,
      zone: `zone-${number % 3}`,
      targetRef: { kind: 'Pod', namespace: namespaceOf(service), name: podName(service, pod) },
    }
  })
}

export function sliceObject(service: number, pods: number): object {
  return {
    metadata: {
      name: sliceName(service),
      labels: {
        app: serviceName(service),
        'kubernetes.io/service-name': serviceName(service),
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: 'IPv4',
    endpoints: endpointsOf(service, pods),
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  }
}

/** A pod as a Deployment's are, about as large as usual. */
export function podObject(service: number, pod: number, pods: number): object {
  const env = Array.from({ length: 8 }, (_, at) => ({
    name: `SETTING_${at}`,
    value: `value-${at}`,
  }))
  const probe = { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 10 }
  return {
    metadata: {
      name: podName(service, pod),
      labels: { app: serviceName(service), 'pod-template-hash': '6d4cf56db6' },
    },
    spec: {
      nodeName: `node-${(service * pods + pod) % nodeCount}`,
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'app',
          image: 'registry.test/app:1.0.0',
          ports: [{ containerPort: 8080 }],
          resources: { requests: { cpu: '100m', memory: '128Mi' } },
          env,
          readinessProbe: probe,
          livenessProbe: probe,
        },
      ],
    },
  }
}

export function podStatus(service: number, pod: number, pods: number): object {
  const address = addressOf(service * pods + pod)
  const since = '2026-01-01T00:00:00Z'
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: since,
  }))
  return {
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      hostIP: '192.0.2.1',
      startTime: since,
      conditions,
    },
  }
}

/** A host that wants an address. */
export function entryObject(entry: number): object {
  const endpoints = [{ address: `198.51.100.${entry % 250}` }]
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: `entry-${entry}` },
    spec: {
      hosts: [`host-${entry}.scale.test`],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      ...(entry % 2 === 0 ? { resolution: 'DNS' } : { resolution: 'STATIC', endpoints }),
    },
  }
}
