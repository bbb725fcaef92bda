import type { KubernetesPort } from '../mesh-object.ts'

/**
 * From a Service's port numbers to those of an endpoint; ports that it does not serve are left out.
 *
 * TCP, UDP and SCTP may share a number; where they lead to different ports TCP counts, since only TCP is carried.
 */
export function mapPorts(
  ports: readonly KubernetesPort[],
  target: (port: KubernetesPort) => number | undefined,
): ReadonlyMap<number, number> {
  const mapped = new Map<number, number>()
  for (const port of ports) {
    const number = target(port)
    if (number === undefined) continue
    const isCarried = port.protocol !== 'UDP' && port.protocol !== 'SCTP'
    if (!isCarried && mapped.has(port.number)) continue
    mapped.set(port.number, number)
  }
  return mapped
}
