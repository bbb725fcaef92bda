import type { NetworkInterfaceInfo } from 'node:os'
import type { IpFamily } from '../ip/address.ts'

/** What `os.networkInterfaces` returns. */
export type NetworkInterfaces = Readonly<
  Record<string, readonly NetworkInterfaceInfo[] | undefined>
>

/**
 * The families that connections to virtual addresses can use: those of the machine's own addresses,
 * loopback and link-local ones aside. A machine that has no other addresses can use both on loopback.
 */
export function localFamilies(interfaces: NetworkInterfaces): readonly IpFamily[] {
  const usable = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe[89ab]|169\.254\.)/i.test(address))
  const found = new Set(usable.map(({ family }): IpFamily => (family === 'IPv4' ? 4 : 6)))
  const families = ([4, 6] as const).filter((family) => found.has(family))
  return families.length > 0 ? families : [4, 6]
}
