import { tryParseHostname } from '../../registry/hostname.ts'
import { clusterSetDomain } from '../../registry/name-record.ts'
import type { Service } from '../../registry/service.ts'
import type { ServiceImport } from '../mesh-object.ts'
import type { TranslateOptions } from '../translate-options.ts'
import { resolveExportTo } from './export-to.ts'
import { endpointsOfImport } from './import-endpoints.ts'
import { type KubernetesWorkloads, objectKey } from './kubernetes-workloads.ts'

/**
 * The service that an import declares, by its full name only (KEP-1645: `clusterset.local`).
 *
 * Connections go to the addresses that the clusters agreed on, and whoever serves these chooses the
 * endpoint; only one without such addresses shows its endpoints. `undefined` when its name is too long for DNS.
 */
export function serviceOfImport(
  object: ServiceImport,
  { slices }: Pick<KubernetesWorkloads, 'slices'>,
  { defaultExportTo }: TranslateOptions,
): Service | undefined {
  const { meta, addresses, headless, ports } = object
  const { namespace, name } = meta
  const host = tryParseHostname(`${name}.${namespace}.svc.${clusterSetDomain}`)
  if (host === undefined) return undefined
  const own = slices.get(objectKey('ServiceImport', namespace, name)) ?? []
  return {
    host,
    namespace,
    registry: 'Kubernetes',
    shortName: name,
    addresses,
    prefixes: [],
    allocatable: false,
    ports: ports.map(({ number, name: called, protocol }) => ({ number, name: called, protocol })),
    resolution: 'NONE',
    endpoints: headless ? endpointsOfImport(object, host, own) : [],
    headless,
    publishNotReady: false,
    exportTo: resolveExportTo([], defaultExportTo, namespace),
    ...(meta.ttlSeconds === undefined ? {} : { ttlSeconds: meta.ttlSeconds }),
    createdAt: meta.createdAt,
    origin: meta.origin,
  }
}
