import { tryParseHostname } from '../../registry/hostname.ts'
import type { Resolution, Service, ServicePort } from '../../registry/service.ts'
import type { KubernetesService } from '../mesh-object.ts'
import { refusesAllocation } from '../service-entry/allocatable.ts'
import { resolveNearness } from '../traffic-distribution.ts'
import type { TranslateOptions } from '../translate-options.ts'
import { resolveExportTo } from './export-to.ts'
import { endpointsOfKubernetesService } from './kubernetes-endpoints.ts'
import type { KubernetesWorkloads } from './kubernetes-workloads.ts'

/** The service that a Kubernetes Service declares; `undefined` when its name is too long for DNS. */
export function serviceOfKubernetes(
  object: KubernetesService,
  workloads: KubernetesWorkloads,
  options: TranslateOptions,
): Service | undefined {
  const { meta, addresses, headless, externalName } = object
  const { namespace, name } = meta
  const host = tryParseHostname(`${name}.${namespace}.svc.${options.clusterDomain}`)
  if (host === undefined) return undefined
  const resolution = resolutionOf(object)
  const nearness = resolveNearness(object.traffic, workloads.trafficOf(namespace))
  return {
    host,
    namespace,
    registry: 'Kubernetes',
    shortName: name,
    addresses,
    prefixes: [],
    allocatable: wantsVirtualAddress(object, options),
    ports: object.ports.map(toServicePort),
    resolution,
    endpoints: externalName ? [] : endpointsOfKubernetesService(object, host, workloads),
    headless,
    publishNotReady: object.publishNotReady,
    ...(nearness === undefined || resolution === 'NONE' ? {} : { nearness }),
    ...(externalName === undefined ? {} : { externalName }),
    exportTo: resolveExportTo(object.exportTo, options.defaultExportTo, namespace),
    ...(meta.ttlSeconds === undefined ? {} : { ttlSeconds: meta.ttlSeconds }),
    createdAt: meta.createdAt,
    origin: meta.origin,
  }
}

/** A Service from a file, that no cluster gave an address to, needs one as much as an entry does. */
function wantsVirtualAddress(
  { addresses, headless, externalName, meta }: KubernetesService,
  { autoAllocate }: TranslateOptions,
): boolean {
  const hasAnswer = addresses.length > 0 || headless || externalName !== undefined
  return autoAllocate && !hasAnswer && !refusesAllocation(meta.labels)
}

function resolutionOf({ headless, externalName }: KubernetesService): Resolution {
  if (externalName !== undefined) return 'DNS'
  return headless ? 'NONE' : 'STATIC'
}

function toServicePort({
  number,
  name,
  protocol,
}: KubernetesService['ports'][number]): ServicePort {
  return { number, name, protocol }
}
