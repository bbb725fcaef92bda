import type { Hostname } from '../../registry/hostname.ts'
import type { Service, ServicePort } from '../../registry/service.ts'
import type { EntryPort, ServiceEntry } from '../mesh-object.ts'
import { isAllocatable, isHostAllocatable } from '../service-entry/allocatable.ts'
import { resolveNearness } from '../traffic-distribution.ts'
import type { TranslateOptions } from '../translate-options.ts'
import { resolveExportTo } from './export-to.ts'
import type { KubernetesWorkloads } from './kubernetes-workloads.ts'
import { endpointsOfEntry } from './service-entry-endpoints.ts'

/** The services that an entry declares: one for each host, in the order given. */
export function servicesOfEntry(
  entry: ServiceEntry,
  workloads: KubernetesWorkloads,
  options: TranslateOptions,
): readonly Service[] {
  const { meta, addresses, prefixes, resolution } = entry
  const ports = entry.ports.map((port) => toServicePort(port, entry))
  const exportTo = resolveExportTo(entry.exportTo, options.defaultExportTo, meta.namespace)
  const hasAddress = addresses.length > 0 || prefixes.length > 0
  const nearness = resolveNearness(entry.traffic, workloads.trafficOf(meta.namespace))
  const selects = entry.selector !== undefined
  return entry.hosts.map((host) => ({
    host,
    namespace: meta.namespace,
    registry: 'External',
    addresses,
    prefixes,
    allocatable: !hasAddress && wantsVirtualAddress(entry, host, options),
    ports,
    resolution,
    endpoints: endpointsOfEntry(entry, host, workloads),
    headless: resolution === 'NONE' && selects && !hasAddress && ports.length > 0,
    publishNotReady: false,
    ...(nearness === undefined || resolution === 'NONE' ? {} : { nearness }),
    exportTo,
    ...(meta.ttlSeconds === undefined ? {} : { ttlSeconds: meta.ttlSeconds }),
    createdAt: meta.createdAt,
    origin: meta.origin,
  }))
}

function wantsVirtualAddress(
  { meta, resolution }: ServiceEntry,
  host: Hostname,
  { autoAllocate }: TranslateOptions,
): boolean {
  return isAllocatable({ autoAllocate, resolution, meta }) && isHostAllocatable(host, resolution)
}

/** Only without endpoints is it the service that knows the port to dial. */
function toServicePort(port: EntryPort, { resolution }: ServiceEntry): ServicePort {
  const { number, name, protocol, targetPort } = port
  const isPassedThrough = resolution === 'NONE' && targetPort !== undefined
  return { number, name, protocol, ...(isPassedThrough ? { targetPort } : {}) }
}
