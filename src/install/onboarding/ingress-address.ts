import { valueAt } from '../../config/layer.ts'
import { isPlainMap } from '../../documents/plain-map.ts'
import { type IpAddress, tryParseIp } from '../../ip/address.ts'

/**
 * Where a Service of Kubernetes is reached from outside: its first load balancer's address, else its first external one.
 *
 * A load balancer that has only a name is no answer, since names are looked up later than the
 * controller is needed.
 */
export function ingressAddressOf(service: unknown): IpAddress | undefined {
  const ingress = valueAt(service, ['status', 'loadBalancer', 'ingress'])
  if (Array.isArray(ingress) && ingress.length > 0) {
    const first: unknown = ingress[0]
    return isPlainMap(first) ? addressOf(first['ip']) : undefined
  }
  const external = valueAt(service, ['spec', 'externalIPs'])
  return Array.isArray(external) ? addressOf(external[0]) : undefined
}

function addressOf(value: unknown): IpAddress | undefined {
  return typeof value === 'string' ? tryParseIp(value) : undefined
}
