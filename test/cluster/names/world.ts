import { type Slice, sliceOf } from './slices.ts'

/** An object as it is sent to the API. */
export interface Sent {
  readonly path: string
  readonly body: {
    readonly kind: string
    readonly metadata: { readonly name: string; readonly namespace?: string }
    readonly [field: string]: unknown
  }
  /** Set afterwards, as the node's parts would. */
  readonly status?: unknown
}

/** One Service with what belongs to it. */
interface Made {
  readonly spec: Readonly<Record<string, unknown>>
  readonly slices?: readonly Slice[]
  /** Address of a machine outside that it selects. */
  readonly machine?: string
}

/** Makes the kind's Service; `index` tells several of a kind apart, `namespace` is where it is. */
type Kind = (index: number, namespace: string) => Made

const http = { name: 'http', port: 80, targetPort: 8080 }
const dual = { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] }
const httpSlice = [{ name: 'http', port: 8080, protocol: 'TCP' }]

/** An address that no other index has. */
const v4 = (index: number, host: number) => `10.${8 + (index >> 8)}.${index & 0xff}.${host}`
const v6 = (index: number, host: number) => `fd00:8:${index.toString(16)}::${host.toString(16)}`

/** Names that once had a meaning of their own, or look as if they had one. */
const oddNames = ['any', 'svc', 'pod', 'tcp', 'default', 'a-10-0-0-1', 'ns-dns', 'dns-version']

/** Every kind of Service that there is about as often as the others. */
export const kinds: Readonly<Record<string, Kind>> = {
  plain: (index) => ({
    spec: { ports: [http] },
    slices: [{ ports: httpSlice, ends: [{ ip: v4(index, 1) }, { ip: v4(index, 2) }] }],
  }),
  several: (index) => ({
    spec: {
      ...dual,
      ports: [
        http,
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53 },
        { name: 'sync', port: 132, protocol: 'SCTP' },
      ],
    },
    slices: [v4, v6].map((address) => ({
      ports: [
        ...httpSlice,
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        { name: 'sync', port: 132, protocol: 'SCTP' },
      ],
      ends: [{ ip: address(index, 1) }],
    })),
  }),
  six: (index) => ({
    spec: { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'], ports: [http] },
    slices: [{ ports: httpSlice, ends: [{ ip: v6(index, 0x10) }, { ip: `fd00:8:${index}::` }] }],
  }),
  unnamed: (index) => ({
    spec: { ports: [{ port: 443, targetPort: 8443 }] },
    slices: [{ ports: [{ name: '', port: 8443, protocol: 'TCP' }], ends: [{ ip: v4(index, 1) }] }],
  }),
  stateful: (index) => ({
    spec: { clusterIP: 'None', ports: [http], selector: { app: `db-${index}` } },
    slices: [
      {
        ports: httpSlice,
        ends: [
          { ip: v4(index, 1), hostname: `db-${index}-0` },
          { ip: v4(index, 2), hostname: `db-${index}-1` },
          { ip: v4(index, 3), hostname: `db-${index}-2`, ready: false },
          { ip: v4(index, 4), hostname: `db-${index}-3`, ready: false, terminating: true },
        ],
      },
    ],
  }),
  twins: (index) => ({
    spec: { ...dual, clusterIP: 'None', ports: [http, { name: 'udp', port: 9, protocol: 'UDP' }] },
    slices: [v4, v6].map((address) => ({
      ports: [...httpSlice, { name: 'udp', port: 9, protocol: 'UDP' }],
      ends: [{ ip: address(index, 1) }, { ip: address(index, 2) }],
    })),
  }),
  'twins-named': (index) => ({
    spec: { ...dual, clusterIP: 'None', ports: [http] },
    slices: [v4, v6].map((address) => ({
      ports: httpSlice,
      ends: [
        { ip: address(index, 1), hostname: 'one' },
        { ip: address(index, 2), hostname: 'two' },
      ],
    })),
  }),
  eager: (index) => ({
    spec: { clusterIP: 'None', publishNotReadyAddresses: true, ports: [http] },
    // So does the cluster's controller write pods that are not ready.
    slices: [{ ports: httpSlice, ends: [{ ip: v4(index, 1), hostname: `peer-${index}-0` }] }],
  }),
  idle: () => ({ spec: { clusterIP: 'None', ports: [http] } }),
  'not-ready': (index) => ({
    spec: { clusterIP: 'None', ports: [http] },
    slices: [{ ports: httpSlice, ends: [{ ip: v4(index, 1), ready: false }] }],
  }),
  portless: (index) => ({
    spec: { clusterIP: 'None', ports: [] },
    slices: [{ ports: [], ends: [{ ip: v4(index, 1), hostname: 'only' }] }],
  }),
  alias: (index, namespace) => ({
    spec: { type: 'ExternalName', externalName: `plain-${index}.${namespace}.svc.cluster.local` },
  }),
  'alias-of-alias': (index, namespace) => ({
    spec: {
      type: 'ExternalName',
      externalName: `alias-${index}.${namespace}.svc.cluster.local`,
      ports: [http],
    },
  }),
  circle: (index, namespace) => ({
    spec: { type: 'ExternalName', externalName: `circle-${index}.${namespace}.svc.cluster.local` },
  }),
  outside: () => ({ spec: { type: 'ExternalName', externalName: 'www.up.test' } }),
  'outside-v4': () => ({ spec: { type: 'ExternalName', externalName: 'v4only.up.test.' } }),
  missing: () => ({ spec: { type: 'ExternalName', externalName: 'nothing.up.test' } }),
  'missing-inside': (_index, namespace) => ({
    spec: { type: 'ExternalName', externalName: `nothing.${namespace}.svc.cluster.local` },
  }),
  numeric: () => ({ spec: { type: 'ExternalName', externalName: '192.0.2.7' } }),
  balanced: (index) => ({
    spec: { type: 'LoadBalancer', ports: [http], externalIPs: ['203.0.113.9'] },
    slices: [{ ports: httpSlice, ends: [{ ip: v4(index, 1) }] }],
  }),
  empty: () => ({ spec: { ports: [http] } }),
  mixed: (index) => ({
    spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
    // A named port has another number in each of two pods.
    slices: [8081, 8082].map((port, at) => ({
      ports: [{ name: 'http', port, protocol: 'TCP' }],
      ends: [{ ip: v4(index, 10 + at) }],
    })),
  }),
  'many-ports': (index) => ({
    spec: { ports: [80, 81, 82].map((port) => ({ name: `p${port}`, port })) },
    slices: [
      {
        ports: [80, 81, 82].map((port) => ({ name: `p${port}`, port, protocol: 'TCP' })),
        ends: [{ ip: v4(index, 1) }],
      },
    ],
  }),
  shared: (index) => ({
    // The same pods as those of `plain`.
    spec: { clusterIP: 'None', ports: [http] },
    slices: [{ ports: httpSlice, ends: [{ ip: v4(index - 23, 1) }] }],
  }),
  'with-machine': (index) => ({
    ...machine(index),
    slices: [{ ports: httpSlice, ends: [{ ip: v4(index, 1) }] }],
  }),
  'only-machine': (index) => machine(index),
  'headless-machine': (index) => machine(index, { clusterIP: 'None' }),
}

/** A Service that selects a machine, which kube-dns knows nothing of. */
function machine(index: number, fields: Made['spec'] = {}): Made {
  const selector = { app: `machine-${index}` }
  return {
    spec: { ports: [http], selector, ...fields },
    machine: `172.${16 + (index >> 8)}.${index & 0xff}.7`,
  }
}

export const namespaces = ['ns1', 'ns2', 'team-a', 'n'.repeat(63)]

/** About as many Services as wanted, every kind in every namespace, with slices and namespaces. */
export function makeWorld(services: number): readonly Sent[] {
  const sent: Sent[] = namespaces.map((name) => ({
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  }))
  const rounds = Math.ceil(services / Object.keys(kinds).length)
  for (let round = 0; round < rounds; round += 1) {
    sent.push(...makeRound(round, namespaces[round % namespaces.length] ?? ''))
  }
  for (const [at, name] of oddNames.entries()) {
    const index = 4_000 + at
    const slices = [{ ports: httpSlice, ends: [{ ip: v4(index, 1), hostname: 'any' }] }]
    sent.push(...objectsOf(name, 'ns1', { spec: { ports: [http] }, slices }))
  }
  const long = 'l'.repeat(63)
  const slices = [{ ports: httpSlice, ends: [{ ip: v4(5_000, 1), hostname: 'h'.repeat(63) }] }]
  sent.push(
    ...objectsOf(long, 'n'.repeat(63), { spec: { clusterIP: 'None', ports: [http] }, slices }),
    ...objectsOf('crowd', 'ns1', crowd()),
  )
  return sent
}

/** Of whom an answer fits no datagram. */
function crowd(): Made {
  const ends = Array.from({ length: 300 }, (_, at) => ({
    ip: v4(6_000 + (at >> 6), at & 63),
    hostname: `member-${at}`,
  }))
  return { spec: { clusterIP: 'None', ports: [http] }, slices: [{ ports: httpSlice, ends }] }
}

/** One Service of every kind. */
export function makeRound(round: number, namespace: string): readonly Sent[] {
  const base = round * Object.keys(kinds).length
  return Object.entries(kinds).flatMap(([kind, make], at) => {
    const made = make(base + at, namespace)
    // Those that lead to one another find each other by the number of their round.
    return objectsOf(`${kind}-${round}`, namespace, rename(made, base + at, round))
  })
}

function rename(made: Made, index: number, round: number): Made {
  const { externalName } = made.spec
  if (typeof externalName !== 'string') return made
  const own = externalName.replace(new RegExp(`-${index}\\.`), `-${round}.`)
  return { ...made, spec: { ...made.spec, externalName: own } }
}

function objectsOf(name: string, namespace: string, made: Made): Sent[] {
  const { spec, slices = [], machine: address } = made
  const service = {
    path: `/api/v1/namespaces/${namespace}/services`,
    body: { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec },
  }
  const parts = slices.map((slice, index) => ({
    path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    body: sliceOf(slice, { service: name, namespace, index }),
  }))
  if (address === undefined) return [service, ...parts]
  const entry = {
    path: `/apis/networking.istio.io/v1/namespaces/${namespace}/workloadentries`,
    body: {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: { name, namespace, labels: spec['selector'] },
      spec: { address },
    },
  }
  return [service, ...parts, entry]
}
