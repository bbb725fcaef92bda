import type { Hostname } from '../../registry/hostname.ts'
import type { Endpoint } from '../../registry/service.ts'
import type { KubernetesPort, KubernetesService, Pod, WorkloadEntry } from '../mesh-object.ts'
import { endpointOfPod } from './endpoint-of-pod.ts'
import { endpointOfWorkload } from './endpoint-of-workload.ts'
import { type KubernetesWorkloads, objectKey } from './kubernetes-workloads.ts'
import { mapPorts } from './map-ports.ts'
import { endpointsOfSlices } from './slice-endpoints.ts'

/**
 * Where a Service runs: what its EndpointSlices say, and the WorkloadEntries that it selects.
 *
 * Without any slice the Pods that it selects are taken, as the cluster's own controller would.
 */
export function endpointsOfKubernetesService(
  service: KubernetesService,
  host: Hostname,
  workloads: KubernetesWorkloads,
): readonly Endpoint[] {
  const { namespace, name } = service.meta
  const slices = workloads.slices.get(objectKey('Service', namespace, name))
  const endpoints = [...endpointsOfSlices(slices ?? [], { service, host, workloads })]
  if (!service.selector) return endpoints
  for (const workload of workloads.selectable.select(namespace, service.selector)) {
    if (workload.kind === 'Pod' && slices) continue
    const endpoint =
      workload.kind === 'Pod'
        ? endpointOfPod(workload, { host, ports: podPorts(service, workload), workloads })
        : entryEndpoint(service, workload)
    if (endpoint) endpoints.push(endpoint)
  }
  return endpoints
}

/** Names and unix sockets are for services that are found by DNS. */
function entryEndpoint(service: KubernetesService, entry: WorkloadEntry): Endpoint | undefined {
  const { spec, healthy, meta } = entry
  if (spec.target?.kind !== 'ip') return undefined
  const ports = mapPorts(service.ports, (port) => entryPort(port, spec.ports))
  return endpointOfWorkload(spec, { ports, healthy, origin: meta.origin })
}

/** A target that is a name stands in the entry, as in a pod; beside a number, the entry may say another by the port's name. */
function entryPort(
  { name, targetPort }: KubernetesPort,
  own: ReadonlyMap<string, number>,
): number | undefined {
  return typeof targetPort === 'number' ? (own.get(name) ?? targetPort) : own.get(targetPort)
}

function podPorts({ ports }: KubernetesService, pod: Pod): ReadonlyMap<number, number> {
  return mapPorts(ports, ({ targetPort }) =>
    typeof targetPort === 'number' ? targetPort : pod.ports.get(targetPort),
  )
}
