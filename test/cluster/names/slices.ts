/** Endpoints of a Service that have the same ports. */
export interface Slice {
  readonly ports: readonly {
    readonly name: string
    readonly port: number
    readonly protocol: string
  }[]
  readonly ends: readonly SliceEnd[]
}

interface SliceEnd {
  readonly ip: string
  readonly hostname?: string
  /** True when not said. */
  readonly ready?: boolean
  readonly terminating?: boolean
}

/** The EndpointSlice, as the cluster's controller writes it. */
export function sliceOf(
  { ports, ends }: Slice,
  of: { readonly service: string; readonly namespace: string; readonly index: number },
) {
  const { service, namespace, index } = of
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-${index}`,
      namespace,
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: ends.some(({ ip }) => ip.includes(':')) ? 'IPv6' : 'IPv4',
    ports,
    endpoints: ends.map(({ ip, hostname, ready = true, terminating = false }) => ({
      addresses: [ip],
      conditions: { ready, serving: ready, terminating },
      ...(hostname === undefined ? {} : { hostname }),
    })),
  }
}
