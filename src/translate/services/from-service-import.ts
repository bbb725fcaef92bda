import { tryParseHostname } from '../../registry/hostname.ts'
import type { Service } from '../../registry/service.ts'
import type { ServiceImport } from '../mesh-object.ts'
import type { TranslateOptions } from '../translate-options.ts'
import { resolveExportTo } from './export-to.ts'

/**
 * The service that an import declares, by its full name only (KEP-1645: `clusterset.local`).
 *
 * Connections go to the addresses that the clusters agreed on, and whoever serves these chooses the
 * endpoint. `undefined` when its name is too long for DNS.
 */
export function serviceOfImport(
  { meta, addresses, headless, ports }: ServiceImport,
  { defaultExportTo }: TranslateOptions,
): Service | undefined {
  const { namespace, name } = meta
  const host = tryParseHostname(`${name}.${namespace}.svc.clusterset.local`)
  if (host === undefined) return undefined
  return {
    host,
    namespace,
    registry: 'Kubernetes',
    addresses,
    prefixes: [],
    allocatable: false,
    ports: ports.map(({ number, name: called, protocol }) => ({ number, name: called, protocol })),
    resolution: 'NONE',
    endpoints: [],
    headless,
    publishNotReady: false,
    exportTo: resolveExportTo([], defaultExportTo, namespace),
    ...(meta.ttlSeconds === undefined ? {} : { ttlSeconds: meta.ttlSeconds }),
    createdAt: meta.createdAt,
    origin: meta.origin,
  }
}
