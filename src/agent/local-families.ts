import type { IpFamily } from '../ip/address.ts'
import { type NetworkInterfaces, outwardFamilies } from '../ip/outward-families.ts'

/**
 * The families that connections to virtual addresses can use: those in which the machine reaches
 * others. One that reaches nobody can use both on loopback.
 */
export function localFamilies(interfaces: NetworkInterfaces): readonly IpFamily[] {
  const families = outwardFamilies(interfaces)
  return families.length > 0 ? families : [4, 6]
}
