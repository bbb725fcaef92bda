import { parseIp } from '../ip/address.ts'
import type { Catalog } from '../registry/catalog.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import type { VirtualAddresses, VirtualOwner } from '../registry/virtual-addresses.ts'

/** A catalog that stays as it is; `virtual` has addresses by `NAMESPACE/HOST`. */
export function catalogOf(
  services: readonly Service[],
  virtual: Readonly<Record<string, readonly string[]>> = {},
): Catalog {
  const byHost: ReadonlyMap<Hostname, readonly Service[]> = Map.groupBy(
    services,
    ({ host }) => host,
  )
  const held: VirtualAddresses = new Map(
    Object.entries(virtual).map(([owner, texts]) => {
      const v4 = texts.find((text) => !text.includes(':'))
      const v6 = texts.find((text) => text.includes(':'))
      const pair = {
        ...(v4 === undefined ? {} : { v4: parseIp(v4) }),
        ...(v6 === undefined ? {} : { v6: parseIp(v6) }),
      }
      return [owner as VirtualOwner, pair]
    }),
  )
  return {
    services: () => byHost,
    virtualAddresses: () => held,
    sidecars: () => [],
    follow: () => undefined,
  }
}
