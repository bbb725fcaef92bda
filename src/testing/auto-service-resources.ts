import type { Service } from '../registry/service.ts'
import { AddressResources } from '../translate/discovery/address-resources.ts'
import type { ResourceChange } from '../translate/discovery/resource.ts'
import { catalogOf } from './catalogs.ts'
import { endpoint } from './mesh.ts'
import { serviceOf } from './services.ts'

export const entry = (name: string, line = 1) => ({
  kind: 'ServiceEntry',
  namespace: 'default',
  name,
  file: 'mesh.yaml',
  line,
})
export const pod = (name: string) => ({ ...entry(name, 50), kind: 'Pod' })

export const auto = serviceOf('auto.internal', {
  origin: entry('external-auto', 12),
  createdAt: 1_700_000_000_000,
  endpoints: [endpoint('198.51.100.2', { 80: 8080 }, { origin: entry('external-auto', 12) })],
})
export const held = { 'default/auto.internal': ['240.240.0.1', '2001:2::1'] }
export const autoUid =
  'Kubernetes/networking.istio.io/ServiceEntry/default/external-auto/198.51.100.2'

export function update(
  resources: AddressResources,
  services: readonly Service[],
  virtual: Readonly<Record<string, readonly string[]>> = held,
  hosts = services.map(({ host }) => host),
): ResourceChange {
  return resources.update(hosts, catalogOf(services, virtual))
}

export function resourcesOf(services: readonly Service[], virtual = held) {
  const { put } = update(new AddressResources({ clusterId: 'Kubernetes' }), services, virtual)
  return new Map(put.map((resource) => [resource.name, resource]))
}
