const ports = [{ name: 'http', port: 80, protocol: 'TCP' }]

/** A ServiceEntry whose host is `NAME.internal`; it gets an address unless it says some. */
export function entry(name: string, spec: object = {}, namespace = 'default'): object {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name, namespace },
    spec: {
      hosts: [`${name}.internal`],
      ports: [{ name: 'http', number: 80, protocol: 'HTTP' }],
      resolution: 'STATIC',
      endpoints: [{ address: '198.51.100.2' }],
      ...spec,
    },
  }
}

/** A Service with this address. */
export function service(name: string, clusterIP: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { clusterIP, selector: {}, ports },
  }
}

const headlessSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'db-1',
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': 'db' },
  },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.1.0.5'], conditions: { ready: true } }],
  ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
}

/** What is there from the first to the last, besides `auto.internal`. */
export const steadyObjects: readonly object[] = [
  entry('address', { addresses: ['198.51.100.1'] }),
  service('web', '10.96.7.7'),
  service('db', 'None'),
  headlessSlice,
]

/** How all that is answered, whatever happens, with a name that is outside of the mesh. */
export const steadyAnswers = {
  'auto.internal': '240.240.0.1',
  'address.internal': '198.51.100.1',
  'web.default.svc.cluster.local': '10.96.7.7',
  'db.default.svc.cluster.local': '10.1.0.5',
  'steady.up.test': '203.0.113.4',
}
