import { z } from 'zod'
import { checkShape } from '../../documents/shape.ts'
import { type IpAddress, tryParseIp } from '../../ip/address.ts'
import type { Pod } from '../mesh-object.ts'
import type { Unparsed } from '../unparsed.ts'

const SpecShape = z.looseObject({
  hostname: z.string().nullish(),
  subdomain: z.string().nullish(),
  serviceAccountName: z.string().nullish(),
  nodeName: z.string().nullish(),
  containers: z
    .array(
      z.looseObject({
        ports: z
          .array(z.looseObject({ name: z.string().nullish(), containerPort: z.number() }))
          .nullish(),
      }),
    )
    .nullish(),
})
type SpecShape = z.infer<typeof SpecShape>

const StatusShape = z.looseObject({
  phase: z.string().nullish(),
  podIP: z.string().nullish(),
  podIPs: z.array(z.looseObject({ ip: z.string().nullish() })).nullish(),
  conditions: z
    .array(z.looseObject({ type: z.string().nullish(), status: z.string().nullish() }))
    .nullish(),
})
type StatusShape = z.infer<typeof StatusShape>

const MetadataShape = z.looseObject({ deletionTimestamp: z.string().nullish() })

/** Kubernetes: Pod. Without conditions, as in a file written by hand, it counts as ready. */
export function parsePod(unparsed: Unparsed): Pod | undefined {
  const { raw, meta, report } = unparsed
  const spec = checkShape(SpecShape, raw['spec'] ?? {}, { path: ['spec'], report })
  const status = checkShape(StatusShape, raw['status'] ?? {}, { path: ['status'], report })
  if (!spec || !status) return undefined
  const isLeaving = Boolean(MetadataShape.safeParse(raw['metadata']).data?.deletionTimestamp)
  return {
    kind: 'Pod',
    meta,
    addresses: readAddresses(status),
    hostname: (spec.hostname || meta.name).toLowerCase(),
    ...(spec.subdomain ? { subdomain: spec.subdomain.toLowerCase() } : {}),
    ready: !isLeaving && isReady(status),
    ports: namedPorts(spec),
    ...(spec.serviceAccountName ? { serviceAccount: spec.serviceAccountName } : {}),
    ...(spec.nodeName ? { node: spec.nodeName } : {}),
  }
}

function readAddresses(status: StatusShape): readonly IpAddress[] {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return []
  const given = [status.podIP, ...(status.podIPs ?? []).map(({ ip }) => ip)]
  const addresses = given.map((text) => tryParseIp(text ?? ''))
  return [...new Set(addresses.filter((address) => address !== undefined))]
}

function isReady({ conditions }: StatusShape): boolean {
  const ready = conditions?.find(({ type }) => type === 'Ready')
  return ready === undefined || ready.status === 'True'
}

function namedPorts({ containers }: SpecShape): ReadonlyMap<string, number> {
  const ports = new Map<string, number>()
  for (const { ports: given } of containers ?? []) {
    for (const { name, containerPort } of given ?? []) if (name) ports.set(name, containerPort)
  }
  return ports
}
