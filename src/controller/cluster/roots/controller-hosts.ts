import { isControllerHost } from '../../../config/cluster-object-names.ts'
import type { Declarations } from '../../../registry/catalog.ts'
import type { Hostname } from '../../../registry/hostname.ts'

/** Where the controllers of a namespace are, for pods whose servers do not know the cluster's names. */
export interface ControllerHosts {
  /** A hosts file (hosts(5)), a line for each address. */
  text(): string
  /** Calls back when it is another. */
  follow(onChange: () => void): void
}

/** Follows the Services of controllers: one is `istiod`, or `istiod-REVISION`, and may be made again with other addresses. */
export function followControllerHosts(
  declarations: Pick<Declarations, 'services' | 'follow'>,
  namespace: string,
): ControllerHosts {
  const lines = new Map<Hostname, string>()
  const followers: (() => void)[] = []
  const read = (host: Hostname): boolean => {
    if (!isControllerHost(host, namespace)) return false
    // Of a Service of this cluster, and not of what somebody imports or calls so.
    const service = declarations
      .services()
      .get(host)
      ?.find((one) => one.origin.kind === 'Service')
    const names = `${service?.shortName}.${namespace}.svc ${host}`
    const text = (service?.addresses ?? []).map((address) => `${address} ${names}\n`).join('')
    const isOther = text !== (lines.get(host) ?? '')
    if (text === '') lines.delete(host)
    else lines.set(host, text)
    return isOther
  }
  for (const host of declarations.services().keys()) read(host)
  declarations.follow(({ hosts }) => {
    const changed = [...hosts].filter(read)
    if (changed.length > 0) for (const onChange of followers) onChange()
  })
  return {
    text: () => [...lines.values()].sort().join(''),
    follow: (onChange) => followers.push(onChange),
  }
}
