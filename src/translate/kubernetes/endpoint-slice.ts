import { z } from 'zod'
import type { Path } from '../../documents/path.ts'
import type { Report } from '../../documents/report.ts'
import { checkShape } from '../../documents/shape.ts'
import { type IpAddress, tryParseIp } from '../../ip/address.ts'
import type { EndpointSlice, SliceEndpoint } from '../mesh-object.ts'
import type { Unparsed } from '../unparsed.ts'

const EndpointShape = z.looseObject({
  addresses: z.array(z.string()),
  conditions: z
    .looseObject({
      ready: z.boolean().nullish(),
      serving: z.boolean().nullish(),
      terminating: z.boolean().nullish(),
    })
    .nullish(),
  hostname: z.string().nullish(),
  targetRef: z.looseObject({ kind: z.string().nullish(), name: z.string().nullish() }).nullish(),
  zone: z.string().nullish(),
  nodeName: z.string().nullish(),
})
type EndpointShape = z.infer<typeof EndpointShape>

const SliceShape = z.looseObject({
  addressType: z.string().nullish(),
  endpoints: z.array(EndpointShape).nullish(),
  ports: z
    .array(
      z.looseObject({
        name: z.string().nullish(),
        port: z.int().min(1).max(65_535).nullish(),
      }),
    )
    .nullish(),
})

/** The label that says which Service a slice belongs to. */
export const sliceServiceLabel = 'kubernetes.io/service-name'

/** Labels of endpoints that come from another cluster (Kubernetes: KEP-1645). */
export const importLabels = {
  service: 'multicluster.kubernetes.io/service-name',
  cluster: 'multicluster.kubernetes.io/source-cluster',
} as const

/** Kubernetes: EndpointSlice, a part of a Service's endpoints. Host names in it are left out. */
export function parseEndpointSlice(unparsed: Unparsed): EndpointSlice | undefined {
  const { raw, meta, report } = unparsed
  const shape = checkShape(SliceShape, raw, { path: [], report })
  if (!shape) return undefined
  if (shape.addressType === 'FQDN') {
    const message = 'endpoints of type FQDN are left out'
    report.notice({ code: 'FQDN_ENDPOINTS', path: ['addressType'], message })
    return undefined
  }
  const service = meta.labels.get(sliceServiceLabel) ?? ''
  const imported = readImported(unparsed)
  if (service === '' && !imported) {
    report.warning({
      code: 'NO_SERVICE',
      path: ['metadata', 'labels'],
      message: 'the slice belongs to no Service, so nobody uses it',
      hint: `Set the label ${sliceServiceLabel}.`,
    })
  }
  const endpoints: SliceEndpoint[] = []
  for (const [index, given] of (shape.endpoints ?? []).entries()) {
    const endpoint = readEndpoint(given, ['endpoints', index], report)
    if (endpoint) endpoints.push(endpoint)
  }
  const ports = new Map(
    (shape.ports ?? []).map(({ name, port }) => [name ?? '', port ?? undefined]),
  )
  return {
    kind: 'EndpointSlice',
    meta,
    service,
    ...(imported ? { imported } : {}),
    endpoints,
    ports,
  }
}

function readImported({ meta, report }: Unparsed): EndpointSlice['imported'] {
  const service = meta.labels.get(importLabels.service) ?? ''
  const cluster = meta.labels.get(importLabels.cluster)
  if (service === '') return undefined
  // A label of an object may hold more than one of a name.
  if (cluster !== undefined && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/i.test(cluster)) {
    return { service, cluster: cluster.toLowerCase() }
  }
  report.warning({
    code: 'CLUSTER_NAME',
    path: ['metadata', 'labels'],
    message: 'nobody can tell the cluster of these endpoints, so they have no names with it',
    hint: `Set the label ${importLabels.cluster} to letters, digits and inner hyphens.`,
  })
  return { service }
}

function readEndpoint(given: EndpointShape, path: Path, report: Report): SliceEndpoint | undefined {
  const addresses: IpAddress[] = []
  for (const [index, text] of given.addresses.entries()) {
    const address = tryParseIp(text)
    if (address !== undefined) addresses.push(address)
    else {
      report.error({
        code: 'ENDPOINT_SLICE',
        path: [...path, 'addresses', index],
        message: `${JSON.stringify(text)} is not an IP address`,
      })
    }
  }
  const [first, ...others] = addresses
  if (first === undefined) return undefined
  const { ready, serving, terminating } = given.conditions ?? {}
  const pod = given.targetRef?.kind === 'Pod' ? given.targetRef.name : undefined
  return {
    addresses: [first, ...others],
    ...(given.hostname ? { hostname: given.hostname.toLowerCase() } : {}),
    // Not said means ready (Kubernetes: EndpointConditions), except for what is going away.
    ready: ready ?? terminating !== true,
    draining: terminating === true && serving === true,
    ...(pod ? { pod } : {}),
    ...(given.zone ? { zone: given.zone } : {}),
    ...(given.nodeName ? { node: given.nodeName } : {}),
  }
}
