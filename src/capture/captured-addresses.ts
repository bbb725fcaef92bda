import { familyOf } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { Service } from '../registry/service.ts'
import type { View } from '../registry/view.ts'
import { normalizePrefixes } from './address-set.ts'

/**
 * The explicit addresses and ranges whose connections the relay shall carry: those of services that
 * have endpoints, or find them by name.
 *
 * A service of resolution NONE is reached at its address as it is, and one without endpoints nowhere.
 */
export function capturedAddresses(view: View): Prefix[] {
  const prefixes: Prefix[] = []
  for (const { services } of view.values()) {
    // Endpoints of one entry serve the addresses of all that declare the host.
    if (!services.some(isCarried)) continue
    for (const { addresses, prefixes: ranges } of services) {
      for (const network of addresses) {
        prefixes.push({ network, length: familyOf(network) === 4 ? 32 : 128 })
      }
      prefixes.push(...ranges)
    }
  }
  return normalizePrefixes(prefixes)
}

function isCarried({ resolution, endpoints }: Service): boolean {
  if (resolution === 'NONE') return false
  return resolution !== 'STATIC' || endpoints.length > 0
}
