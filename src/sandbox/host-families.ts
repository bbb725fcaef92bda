import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { IpFamily } from '../ip/address.ts'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * The address families in which the host reaches others: those with an address that is neither
 * loopback nor link-local. IPv4 when there are none, so that a machine without a network still has one.
 */
export function hostFamilies(interfaces: Interfaces = networkInterfaces()): readonly IpFamily[] {
  const outward = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe[89ab]|169\.254\.)/i.test(address))
  const families: IpFamily[] = []
  if (outward.some(({ family }) => family === 'IPv4')) families.push(4)
  if (outward.some(({ family }) => family === 'IPv6')) families.push(6)
  return families.length > 0 ? families : [4]
}
