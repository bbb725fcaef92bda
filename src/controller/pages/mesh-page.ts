import { z } from 'zod'
import { type AdminResponse, longJson } from '../../admin/route.ts'
import type { Pools } from '../../allocate/allocation.ts'
import type { Ledger } from '../../allocate/ledger.ts'
import type { Finding } from '../../documents/finding.ts'
import type { IpFamily } from '../../ip/address.ts'
import { formatPrefix } from '../../ip/prefix.ts'
import type { ServicesByHost } from '../../registry/catalog.ts'
import type { Service } from '../../registry/service.ts'
import { IpJson, PrefixJson, ServiceJson, serviceToJson } from '../../registry/service-json.ts'
import type { Sidecar } from '../../registry/sidecar.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'

/** All that a controller knows of its mesh. */
export interface MeshFacts {
  readonly services: ServicesByHost
  readonly sidecars: readonly Sidecar[]
  readonly ledger: Ledger
  readonly findings: readonly Finding[]
  readonly clusterDomain: string
  readonly rootNamespace: string
  readonly pools: Pools
  /** Of addresses, where the controller is: in a cluster those of its pods. */
  readonly families: readonly IpFamily[]
  /** Those of a cluster, where all of them are known. */
  readonly namespaces?: ReadonlySet<string> | undefined
}

/** What `MeshPage` reads. */
export function meshPage(facts: MeshFacts): AdminResponse {
  const { services, sidecars, ledger, findings, clusterDomain, rootNamespace, pools, families } =
    facts
  const head = {
    clusterDomain,
    rootNamespace,
    v4Prefix: formatPrefix(pools.v4),
    v6Prefix: formatPrefix(pools.v6),
    families,
    ...(facts.namespaces ? { namespaces: [...facts.namespaces] } : {}),
    sidecars: sidecars.map(sidecarToJson),
    findings,
  }
  return longJson(head, {
    held: [...ledger.held].map(([owner, pair]) => ({ owner, ...pair })),
    resting: [...ledger.resting].map(([address, rest]) => ({ address, ...rest })),
    services: servicesToJson([...services.values()]),
  })
}

/** One at a time, since there may be many. */
function* servicesToJson(declared: readonly (readonly Service[])[]): Generator {
  for (const services of declared) yield* services.map(serviceToJson)
}

const owner = z.string().transform((text) => text as VirtualOwner)

const sidecar = z.object({
  namespace: z.string(),
  name: z.string(),
  selector: z
    .record(z.string(), z.string())
    .transform((labels): ReadonlyMap<string, string> => new Map(Object.entries(labels)))
    .exactOptional(),
  egress: z.array(z.object({ namespace: z.string(), host: z.string() })),
  createdAt: z.number(),
})

const finding = z.object({
  severity: z.enum(['error', 'warning', 'notice']),
  code: z.string(),
  message: z.string(),
  path: z.string(),
  file: z.string(),
  line: z.number(),
  column: z.number(),
  hint: z.string().exactOptional(),
  object: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }).exactOptional(),
})

/** What a controller tells of its mesh to the tools. Fields that are not known are left out. */
export const MeshPage = z.object({
  clusterDomain: z.string(),
  rootNamespace: z.string(),
  v4Prefix: PrefixJson,
  v6Prefix: PrefixJson,
  /** Missing where an older controller does not tell. */
  families: z.array(z.literal([4, 6])).exactOptional(),
  namespaces: z.array(z.string()).exactOptional(),
  sidecars: z.array(sidecar),
  findings: z.array(finding),
  held: z.array(z.object({ owner, v4: IpJson.exactOptional(), v6: IpJson.exactOptional() })),
  resting: z.array(z.object({ address: IpJson, owner, untilMs: z.number() })),
  services: z.array(ServiceJson),
})
export type MeshPage = z.output<typeof MeshPage>

/** As the allocator keeps it. */
export function ledgerOf({ held, resting }: Pick<MeshPage, 'held' | 'resting'>): Ledger {
  return {
    held: new Map(held.map(({ owner, ...pair }) => [owner, pair])),
    resting: new Map(resting.map(({ address, ...rest }) => [address, rest])),
  }
}

function sidecarToJson({ selector, ...rest }: Sidecar): unknown {
  return { ...rest, ...(selector ? { selector: Object.fromEntries(selector) } : {}) }
}
