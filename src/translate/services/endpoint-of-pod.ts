import type { Endpoint } from '../../registry/service.ts'
import type { Pod } from '../mesh-object.ts'
import { localityOf } from '../workload/check-workload.ts'
import type { KubernetesWorkloads } from './kubernetes-workloads.ts'

interface PodUse {
  readonly host: string
  readonly ports: ReadonlyMap<number, number>
  readonly workloads: Pick<KubernetesWorkloads, 'localityOf'>
}

/** The pod as an endpoint of a host; `undefined` while it has no address. */
export function endpointOfPod(pod: Pod, { host, ports, workloads }: PodUse): Endpoint | undefined {
  const [address, ...otherAddresses] = pod.addresses
  if (address === undefined) return undefined
  const hostname = ownLabel(pod, host)
  const locality = localityOf(pod.meta.labels) ?? workloads.localityOf(pod.node)
  const { node, serviceAccount } = pod
  return {
    target: { kind: 'ip', address },
    otherAddresses,
    ports,
    weight: 1,
    healthy: pod.ready,
    ...(hostname === undefined ? {} : { hostname }),
    ...(locality === undefined ? {} : { locality }),
    ...(node === undefined ? {} : { node }),
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    origin: pod.meta.origin,
  }
}

/** First label of the pod's own name below a host: it has one where its subdomain is the host's first label. */
export function ownLabel(pod: Pod, host: string): string | undefined {
  return pod.subdomain !== undefined && host.startsWith(`${pod.subdomain}.`)
    ? pod.hostname
    : undefined
}
