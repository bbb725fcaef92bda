import type { NetworkInterfaceInfo } from 'node:os'
import { familyOf, type IpAddress, type IpFamily, tryParseIp } from './address.ts'

/** What `os.networkInterfaces` returns. */
export type NetworkInterfaces = Readonly<
  Record<string, readonly NetworkInterfaceInfo[] | undefined>
>

/** A machine's addresses that are neither loopback nor link-local: those by which it and others reach each other. */
export function outwardAddresses(interfaces: NetworkInterfaces): readonly IpAddress[] {
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe[89ab]|169\.254\.)/i.test(address))
    .map(({ address }) => tryParseIp(address))
    .filter((address) => address !== undefined)
}

/** The families in which a machine reaches others. */
export function outwardFamilies(interfaces: NetworkInterfaces): readonly IpFamily[] {
  const found = new Set(outwardAddresses(interfaces).map(familyOf))
  return ([4, 6] as const).filter((family) => found.has(family))
}
