import { z } from 'zod'
import { formatSpiffeId } from '../../rpc/spiffe-id.ts'
import type { ProxyStatus, TypeStatus } from '../../xds/server/proxy-status.ts'

const TypePage = z.object({
  typeUrl: z.string(),
  interest: z.union([z.number(), z.literal('all')]),
  sentVersion: z.string().exactOptional(),
  ackedVersion: z.string().exactOptional(),
  ackedAt: z.number().exactOptional(),
  lagMs: z.number(),
  tableHash: z.string().exactOptional(),
  refusals: z.number(),
  isRefused: z.boolean(),
  refused: z.object({ version: z.string(), reason: z.string(), at: z.number() }).exactOptional(),
})

const ProxyPage = z.object({
  proxy: z.string(),
  type: z.string(),
  name: z.string(),
  namespace: z.string(),
  addresses: z.array(z.string()),
  /** The other end of the connection. */
  client: z.string(),
  identity: z.string().exactOptional(),
  version: z.string().exactOptional(),
  clusterId: z.string().exactOptional(),
  variant: z.enum(['delta', 'whole']),
  since: z.number(),
  types: z.array(TypePage),
})
export type ProxyPage = z.output<typeof ProxyPage>

/** Every stream of every proxy, and how far it is. Fields that are not known are left out. */
export const ProxiesPage = z.object({ proxies: z.array(ProxyPage) })
export type ProxiesPage = z.output<typeof ProxiesPage>

/** What `ProxiesPage` reads. */
export function proxiesPage(statuses: readonly ProxyStatus[]): ProxiesPage {
  return { proxies: statuses.map(proxyPage) }
}

function proxyPage({ proxy, connection, variant, since, types }: ProxyStatus): ProxyPage {
  const { id, type, name, namespace, addresses, version, clusterId } = proxy
  const { identity, address } = connection
  return {
    proxy: id,
    type,
    name,
    namespace,
    addresses: [...addresses],
    client: address,
    ...(identity === undefined ? {} : { identity: formatSpiffeId(identity) }),
    ...(version === undefined ? {} : { version }),
    ...(clusterId === undefined ? {} : { clusterId }),
    variant,
    since,
    types: types.map((one: TypeStatus) => ({ ...one })),
  }
}
