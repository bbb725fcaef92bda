import type { Sent } from './world.ts'

/** A part of an import, as another cluster has it. */
interface Part {
  readonly import: string
  readonly cluster: string
  readonly ports?: readonly { readonly name: string; readonly port: number }[]
  readonly endpoints: readonly {
    readonly address: string
    readonly hostname?: string
    readonly ready?: boolean
  }[]
}

const namespace = 'shop'
const sql = { name: 'sql', port: 5432, protocol: 'TCP' }
const admin = { name: 'admin', port: 80, protocol: 'TCP' }

const imports: Readonly<Record<string, object>> = {
  db: { type: 'Headless', ports: [sql, admin] },
  plain: { type: 'Headless', ports: [sql] },
  idle: { type: 'Headless', ports: [sql] },
  web: { type: 'ClusterSetIP', ips: ['10.97.0.1', 'fd00:97::1'], ports: [admin] },
}

const both = [sql, { ...admin, port: 8080 }]

const parts: readonly Part[] = [
  {
    import: 'db',
    cluster: 'east',
    ports: both,
    endpoints: [
      { address: '10.101.0.1', hostname: 'db-0' },
      { address: '10.101.0.2', hostname: 'db-1' },
      { address: '10.101.0.3', hostname: 'db-2', ready: false },
    ],
  },
  {
    import: 'db',
    cluster: 'east',
    ports: both,
    endpoints: [{ address: 'fd00:101::1', hostname: 'db-0' }],
  },
  {
    import: 'db',
    cluster: 'west-2',
    endpoints: [{ address: '10.102.0.1', hostname: 'db-0' }, { address: '10.102.0.4' }],
  },
  {
    import: 'plain',
    cluster: 'west-2',
    endpoints: [{ address: 'fd00:102::' }, { address: 'fd00:102::7' }],
  },
  { import: 'idle', cluster: 'east', endpoints: [{ address: '10.101.0.9', ready: false }] },
  { import: 'web', cluster: 'east', endpoints: [{ address: '10.101.0.20' }] },
]

/** Imports of every kind, with the endpoints of two other clusters. */
export function makeImports(): readonly Sent[] {
  return [
    {
      path: '/api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    },
    ...Object.entries(imports).map(([name, spec]) => ({
      path: `/apis/multicluster.x-k8s.io/v1alpha1/namespaces/${namespace}/serviceimports`,
      body: {
        apiVersion: 'multicluster.x-k8s.io/v1alpha1',
        kind: 'ServiceImport',
        metadata: { name, namespace },
        spec,
      },
    })),
    ...parts.map(sliceOfPart),
  ]
}

/** As the implementation of the multicluster API of this cluster writes it. */
function sliceOfPart({ import: of, cluster, ports = [sql], endpoints }: Part, index: number): Sent {
  const labels = {
    'multicluster.kubernetes.io/service-name': of,
    'multicluster.kubernetes.io/source-cluster': cluster,
  }
  const metadata = { name: `imported-${of}-${index}`, namespace, labels }
  return {
    path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    body: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata,
      addressType: endpoints.some(({ address }) => address.includes(':')) ? 'IPv6' : 'IPv4',
      ports,
      endpoints: endpoints.map(({ address, hostname, ready = true }) => ({
        addresses: [address],
        conditions: { ready },
        // Pods of other clusters may be called alike.
        targetRef: { kind: 'Pod', namespace, name: hostname ?? 'pod' },
        ...(hostname === undefined ? {} : { hostname }),
      })),
    },
  }
}

const types = ['A', 'AAAA', 'SRV', 'TXT', 'ANY', 'MX', 'HTTPS', 'CNAME']

/** `NAME. TYPE` of everything that exists below the domain of all clusters. */
export function importedNames(domain: string): readonly string[] {
  const zone = `${namespace}.svc.${domain}`
  const names = [
    `db.${zone}`,
    `DB.Shop.svc.${domain}`,
    `plain.${zone}`,
    `web.${zone}`,
    `db-0.east.db.${zone}`,
    `db-1.east.db.${zone}`,
    `db-0.west-2.db.${zone}`,
    `10-102-0-4.west-2.db.${zone}`,
    `fd00-102--0.west-2.plain.${zone}`,
    `fd00-102--7.west-2.plain.${zone}`,
  ]
  const ports = ['_sql._tcp.db', '_admin._tcp.db', '_sql._tcp.plain', '_admin._tcp.web']
  const ofPorts = ports.flatMap((port) =>
    ['SRV', 'A', 'HTTPS'].map((type) => `${port}.${zone}. ${type}`),
  )
  return [...names.flatMap((name) => types.map((type) => `${name}. ${type}`)), ...ofPorts]
}

/** `NAME. A` of what does not exist, or not for us to say. */
export function missingNames(domain: string): readonly string[] {
  const names = [
    'idle',
    'nope',
    'east.db',
    'db-0.db',
    'db-2.east.db',
    'db-1.west-2.db',
    'x.db-0.east.db',
    '_sql._udp.db',
  ]
  return names.map((name) => `${name}.${namespace}.svc.${domain}. A`)
}
