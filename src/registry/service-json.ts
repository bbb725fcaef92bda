import { z } from 'zod'
import { tryParseIp } from '../ip/address.ts'
import { formatPrefix, tryParsePrefix } from '../ip/prefix.ts'
import { tryParseHostname } from './hostname.ts'
import { placeScopes } from './nearness.ts'
import type { Endpoint, Service } from './service.ts'

export const IpJson = checked(tryParseIp, 'is not an address')
export const PrefixJson = checked(tryParsePrefix, 'is not a range of addresses')
const hostname = checked(tryParseHostname, 'is not a host name')

const origin = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  file: z.string(),
  line: z.number(),
})

const port = z.object({
  number: z.number(),
  name: z.string(),
  protocol: z.string(),
  targetPort: z.number().exactOptional(),
})

const endpoint = z.object({
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('ip'), address: IpJson }),
    z.object({ kind: z.literal('name'), name: hostname }),
    z.object({ kind: z.literal('unix'), path: z.string() }),
  ]),
  otherAddresses: z.array(IpJson),
  ports: z
    .record(z.string(), z.number())
    .transform((ports) => new Map(Object.entries(ports).map(([from, to]) => [Number(from), to]))),
  weight: z.number(),
  healthy: z.boolean(),
  hostname: z.string().exactOptional(),
  locality: z.string().exactOptional(),
  network: z.string().exactOptional(),
  node: z.string().exactOptional(),
  serviceAccount: z.string().exactOptional(),
  origin,
})

/** A service as JSON holds it; parsing gives the `Service` again. Fields that are not known are left out. */
export const ServiceJson = z.object({
  host: hostname,
  namespace: z.string(),
  registry: z.enum(['Kubernetes', 'External']),
  shortName: z.string().exactOptional(),
  addresses: z.array(IpJson),
  prefixes: z.array(PrefixJson),
  allocatable: z.boolean(),
  ports: z.array(port),
  resolution: z.enum(['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS']),
  endpoints: z.array(endpoint),
  headless: z.boolean(),
  publishNotReady: z.boolean(),
  nearness: z.object({ scopes: z.array(z.enum(placeScopes)), strict: z.boolean() }).exactOptional(),
  externalName: hostname.exactOptional(),
  exportTo: z.array(z.string()),
  ttlSeconds: z.number().exactOptional(),
  createdAt: z.number(),
  origin,
}) satisfies z.ZodType<Service>

/** Plain data that `ServiceJson` reads. */
export function serviceToJson(service: Service): unknown {
  const { prefixes, endpoints } = service
  return {
    ...service,
    prefixes: prefixes.map(formatPrefix),
    endpoints: endpoints.map(endpointToJson),
  }
}

function endpointToJson(endpoint: Endpoint): unknown {
  return { ...endpoint, ports: Object.fromEntries(endpoint.ports) }
}

function checked<T>(parse: (text: string) => T | undefined, fault: string) {
  return z.string().transform((text, context) => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue(`${JSON.stringify(text)} ${fault}`)
    return z.NEVER
  })
}
