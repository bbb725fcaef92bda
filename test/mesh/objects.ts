/** Objects as their files hold them: JSON is YAML. */
function objectText(apiVersion: string, kind: string, fields: Record<string, unknown>): string {
  return `${JSON.stringify({ apiVersion, kind, ...fields })}\n`
}

interface Selecting {
  readonly host: string
  readonly resolution: 'STATIC' | 'NONE'
  readonly namespace?: string
  /** Of the workloads; without it, the entry's own name. */
  readonly app?: string
}

/** A ServiceEntry whose endpoints are the workloads of its namespace with a label `app`. */
export function selectingEntry(name: string, selecting: Selecting): string {
  const { host, resolution, namespace = 'default', app = name } = selecting
  return objectText('networking.istio.io/v1', 'ServiceEntry', {
    metadata: { name, namespace },
    spec: {
      hosts: [host],
      ports: [{ name: 'http', number: 80, protocol: 'HTTP' }],
      resolution,
      workloadSelector: { labels: { app } },
    },
  })
}

/** A WorkloadEntry that a machine's health counts for. */
export function checkedWorkload(
  name: string,
  {
    app,
    address,
    healthy,
  }: {
    readonly app: string
    readonly address: string
    readonly healthy: boolean
  },
): string {
  const status = healthy ? 'True' : 'False'
  return objectText('networking.istio.io/v1', 'WorkloadEntry', {
    metadata: { name, annotations: { 'proxy.istio.io/health-checks-enabled': 'true' } },
    spec: { address, labels: { app } },
    status: { conditions: [{ type: 'Healthy', status }] },
  })
}

/** A headless Service of Kubernetes, and its endpoints. */
export function headlessService(
  name: string,
  endpoints: readonly { readonly address: string; readonly ready: boolean }[],
): string {
  const service = objectText('v1', 'Service', {
    metadata: { name, namespace: 'default' },
    spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80 }], selector: { app: name } },
  })
  const slice = objectText('discovery.k8s.io/v1', 'EndpointSlice', {
    metadata: {
      name: `${name}-1`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 80 }],
    endpoints: endpoints.map(({ address, ready }) => ({
      addresses: [address],
      conditions: { ready },
    })),
  })
  return `${service}---\n${slice}`
}
