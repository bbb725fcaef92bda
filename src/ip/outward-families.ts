import type { NetworkInterfaceInfo } from 'node:os'
import type { IpFamily } from './address.ts'

/** What `os.networkInterfaces` returns. */
export type NetworkInterfaces = Readonly<
  Record<string, readonly NetworkInterfaceInfo[] | undefined>
>

/** The families of a machine's addresses that are neither loopback nor link-local: those in which it reaches others. */
export function outwardFamilies(interfaces: NetworkInterfaces): readonly IpFamily[] {
  const outward = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe[89ab]|169\.254\.)/i.test(address))
  const found = new Set(outward.map(({ family }) => (family === 'IPv4' ? 4 : 6)))
  return ([4, 6] as const).filter((family) => found.has(family))
}
