import { familyOf, type IpAddress } from '../ip/address.ts'
import { contains, type Prefix } from '../ip/prefix.ts'
import type { Service } from '../registry/service.ts'
import type { View } from '../registry/view.ts'
import { normalizePrefixes } from './address-set.ts'

/**
 * The addresses and ranges whose connections the relay shall carry besides `virtualPrefixes`, which
 * are caught as a whole: the explicit ones of services that have endpoints, or find them by name, and
 * virtual ones that are held since the prefixes were others.
 *
 * A service of resolution NONE is reached at its address as it is, and one without endpoints nowhere.
 */
export function capturedAddresses(view: View, virtualPrefixes: readonly Prefix[]): Prefix[] {
  const prefixes: Prefix[] = []
  for (const { services, virtual } of view.values()) {
    for (const network of virtual) {
      if (!virtualPrefixes.some((prefix) => contains(prefix, network))) prefixes.push(only(network))
    }
    // Endpoints of one entry serve the addresses of all that declare the host.
    if (!services.some(isCarried)) continue
    for (const { addresses, prefixes: ranges } of services) {
      prefixes.push(...addresses.map(only), ...ranges)
    }
  }
  return normalizePrefixes(prefixes)
}

function only(network: IpAddress): Prefix {
  return { network, length: familyOf(network) === 4 ? 32 : 128 }
}

function isCarried({ resolution, endpoints }: Service): boolean {
  if (resolution === 'NONE') return false
  return resolution !== 'STATIC' || endpoints.length > 0
}
