import { networkInterfaces } from 'node:os'
import type { IpFamily } from '../ip/address.ts'
import { outwardFamilies } from '../ip/outward-families.ts'

/** The families in which the host reaches others. IPv4 when there are none, so that a machine without a network still has one. */
export function hostFamilies(interfaces = networkInterfaces()): readonly IpFamily[] {
  const families = outwardFamilies(interfaces)
  return families.length > 0 ? families : [4]
}
