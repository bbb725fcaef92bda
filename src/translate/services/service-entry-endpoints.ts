import type { Hostname } from '../../registry/hostname.ts'
import type { Endpoint } from '../../registry/service.ts'
import type { EntryPort, ServiceEntry, WorkloadSpec } from '../mesh-object.ts'
import { isDns } from '../service-entry/resolution.ts'
import { endpointOfPod } from './endpoint-of-pod.ts'
import { endpointOfWorkload } from './endpoint-of-workload.ts'
import type { KubernetesWorkloads } from './kubernetes-workloads.ts'
import type { Workload } from './workload-index.ts'

/** Where one host of an entry runs: the selected workloads, the endpoints given, or the host's own name. */
export function endpointsOfEntry(
  entry: ServiceEntry,
  host: Hostname,
  workloads: KubernetesWorkloads,
): readonly Endpoint[] {
  const { resolution, selector, meta } = entry
  if (selector) {
    const selected = workloads.selectable.select(meta.namespace, selector)
    const endpoints = selected.map((workload) =>
      selectedEndpoint(entry, workload, { host, workloads }),
    )
    const usable = endpoints.filter((endpoint) => endpoint !== undefined)
    return resolution === 'DNS_ROUND_ROBIN' ? usable.slice(0, 1) : usable
  }
  if (entry.endpoints.length === 0 && isDns(resolution)) return [ownName(entry, host)]
  const { origin } = meta
  return entry.endpoints
    .map((spec) =>
      endpointOfWorkload(spec, { ports: portsOf(entry.ports, spec), healthy: true, origin }),
    )
    .filter((endpoint) => endpoint !== undefined)
}

/** Names and unix sockets take part only where endpoints are found by DNS. */
function selectedEndpoint(
  entry: ServiceEntry,
  workload: Workload,
  { host, workloads }: { readonly host: Hostname; readonly workloads: KubernetesWorkloads },
): Endpoint | undefined {
  if (workload.kind === 'Pod') {
    return endpointOfPod(workload, { host, ports: portsOf(entry.ports), workloads })
  }
  const { spec, healthy, meta } = workload
  if (spec.target?.kind !== 'ip' && !isDns(entry.resolution)) return undefined
  const ports = portsOf(entry.ports, spec)
  return endpointOfWorkload(spec, { ports, healthy, origin: meta.origin })
}

/** Without endpoints a DNS service runs where its name leads, outside the mesh. */
function ownName({ ports, meta }: ServiceEntry, host: Hostname): Endpoint {
  return {
    target: { kind: 'name', name: host },
    otherAddresses: [],
    ports: portsOf(ports),
    weight: 1,
    healthy: true,
    origin: meta.origin,
  }
}

/** A unix socket has port 0; else the endpoint's own word counts, then `targetPort`, then the number. */
function portsOf(ports: readonly EntryPort[], spec?: WorkloadSpec): ReadonlyMap<number, number> {
  const isUnix = spec?.target?.kind === 'unix'
  return new Map(
    ports.map(({ number, name, targetPort }) => [
      number,
      isUnix ? 0 : (spec?.ports.get(name) ?? targetPort ?? number),
    ]),
  )
}
