import { z } from 'zod'
import type { Report } from '../../documents/report.ts'
import { checkShape } from '../../documents/shape.ts'
import { type IpAddress, tryParseIp } from '../../ip/address.ts'
import { isWildcard, tryParseHostname } from '../../registry/hostname.ts'
import type { KubernetesService } from '../mesh-object.ts'
import { toLabels } from '../object-meta.ts'
import { readTrafficDistribution, type TrafficDistribution } from '../traffic-distribution.ts'
import type { Unparsed } from '../unparsed.ts'
import { readExportTo } from './export-to-annotation.ts'
import { PortShape, readPorts } from './service-ports.ts'

const ServiceShape = z.looseObject({
  type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).nullish(),
  clusterIP: z.string().nullish(),
  clusterIPs: z.array(z.string()).nullish(),
  externalName: z.string().nullish(),
  ports: z.array(PortShape).nullish(),
  selector: z.record(z.string(), z.string()).nullish(),
  publishNotReadyAddresses: z.boolean().nullish(),
  internalTrafficPolicy: z.string().nullish(),
  trafficDistribution: z.string().nullish(),
})
type ServiceShape = z.infer<typeof ServiceShape>

const code = 'KUBERNETES_SERVICE'

/** Kubernetes: Service. */
export function parseKubernetesService(unparsed: Unparsed): KubernetesService | undefined {
  const { raw, meta, report } = unparsed
  const spec = checkShape(ServiceShape, raw['spec'] ?? {}, { path: ['spec'], report })
  if (!spec) return undefined
  const isExternal = spec.type === 'ExternalName'
  const externalName = isExternal ? readExternalName(spec, report) : undefined
  const selector = toLabels(spec.selector)
  const traffic = readTraffic(spec, unparsed)
  return {
    kind: 'Service',
    meta,
    addresses: isExternal ? [] : readClusterIps(spec, report),
    // What stands for nothing is as good as a Service that has no endpoints.
    headless: isExternal ? externalName === undefined : spec.clusterIP === 'None',
    ...(externalName === undefined ? {} : { externalName }),
    ports: readPorts(spec.ports ?? [], code, report),
    ...(selector.size === 0 || isExternal ? {} : { selector }),
    publishNotReady: spec.publishNotReadyAddresses ?? false,
    ...(traffic === undefined ? {} : { traffic }),
    exportTo: readExportTo(meta, report),
  }
}

const distributions: ReadonlyMap<string, TrafficDistribution> = new Map([
  ['PreferClose', 'PreferSameZone'],
  ['PreferSameZone', 'PreferSameZone'],
  ['PreferSameNode', 'PreferSameNode'],
])

/** Kubernetes' own fields go over Istio's annotation; a hint that is not known is not taken. */
function readTraffic(spec: ServiceShape, { meta, report }: Unparsed) {
  const annotated = readTrafficDistribution(meta, report)
  if (spec.internalTrafficPolicy === 'Local') return 'Local'
  return distributions.get(spec.trafficDistribution ?? '') ?? annotated
}

function readExternalName(spec: ServiceShape, report: Report) {
  const text = spec.externalName ?? ''
  const name = tryParseHostname(text)
  if (name !== undefined && !isWildcard(name)) return name
  report.warning({
    code,
    path: ['spec', 'externalName'],
    message: `${JSON.stringify(text)} is not a host name, so the Service has no address`,
    hint: 'A Service of type ExternalName needs the name that it stands for; for an IP address write a ServiceEntry.',
  })
  return undefined
}

function readClusterIps(spec: ServiceShape, report: Report): readonly IpAddress[] {
  const several = spec.clusterIPs ?? []
  const given = several.length > 0 ? several : [spec.clusterIP ?? '']
  const addresses: IpAddress[] = []
  for (const [index, text] of given.entries()) {
    if (text === '' || text === 'None') continue
    const address = tryParseIp(text)
    if (address !== undefined) {
      addresses.push(address)
      continue
    }
    const path = several.length > 0 ? ['spec', 'clusterIPs', index] : ['spec', 'clusterIP']
    report.error({ code, path, message: `${JSON.stringify(text)} is not an IP address` })
  }
  return addresses
}
