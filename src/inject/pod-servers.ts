import { controllerHostsKey, isControllerHost } from '../config/cluster-object-names.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import { type Pod, specOf } from './pod-parts.ts'
import { rootsFolder } from './volumes.ts'

/** A pod by whose own servers a controller is not found, unless they know the cluster's names. */
export interface LostController {
  readonly host: string
  readonly dnsPolicy: string
  /** Where the agent finds the controller all the same: only ours tell where they are. */
  readonly hostsFile?: string
}

/**
 * Whether the agent must be told where its controller is: only the cluster's own servers know where its Services are,
 * and the agent asks those of its pod. What the pod itself says of the controller, as `hostAliases`, counts.
 */
export function lostController(
  pod: Pod,
  discoveryAddress: string,
  namespace: string,
): LostController | undefined {
  const { dnsPolicy, hostAliases } = specOf(pod)
  const host = discoveryAddress.replace(/:\d+$/, '')
  if (!/\.svc(\.|$)/.test(host) || (dnsPolicy !== 'None' && dnsPolicy !== 'Default'))
    return undefined
  const aliases = Array.isArray(hostAliases) ? hostAliases : []
  const isNamed = aliases.some((one) => {
    const names: unknown = isPlainMap(one) ? one['hostnames'] : undefined
    return Array.isArray(names) && names.includes(host)
  })
  if (isNamed) return undefined
  const hostsFile = `${rootsFolder}/${controllerHostsKey(namespace)}`
  return { host, dnsPolicy, ...(isControllerHost(host, namespace) ? { hostsFile } : {}) }
}
