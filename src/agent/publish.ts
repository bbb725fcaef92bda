import type { RouteTable } from '../balance/route-table.ts'
import { inSlices } from '../base/in-slices.ts'
import { type AddressSet, noAddresses } from '../capture/address-set.ts'
import type { CapturedAddresses } from '../capture/captured-addresses.ts'
import { isWildcard } from '../registry/hostname.ts'
import type { NameTableDelta } from '../registry/name-record.ts'
import type { MeshChange } from './mesh.ts'

/** What a changed mesh is put in force with. */
export interface PublishPorts {
  readonly routes: RouteTable
  readonly captured: CapturedAddresses
  /** Has connections to explicit addresses caught. */
  captureAddresses(addresses: AddressSet): Promise<void>
  updateNames(delta: NameTableDelta): void
}

/**
 * Puts what is new in force for connections before a name leads there.
 *
 * Questions and connections have their turn while very much is new.
 */
export function createPublish(ports: PublishPorts): (change: MeshChange) => Promise<void> {
  const { routes, captured } = ports
  let told = noAddresses
  return async ({ hosts, delta }) => {
    await inSlices(hosts, ([host, seen]) => {
      routes.update(host, seen)
      captured.update(host, seen)
    })
    const addresses = captured.prefixes()
    if (addresses !== told) await ports.captureAddresses(addresses)
    told = addresses
    await inSlices(partsOf(delta), (part) => ports.updateNames(part), 1)
  }
}

const namesPerPart = 2_000

/** Wildcards come last, so that none speaks for a host that is yet to come; then what is gone. */
function partsOf({ put, drop }: NameTableDelta): readonly NameTableDelta[] {
  if (put.length <= namesPerPart) return [{ put, drop }]
  const single = put.filter(({ host }) => !isWildcard(host))
  const ordered = [...single, ...put.filter(({ host }) => isWildcard(host))]
  const parts: NameTableDelta[] = []
  for (let at = 0; at < ordered.length; at += namesPerPart) {
    parts.push({ put: ordered.slice(at, at + namesPerPart), drop: [] })
  }
  return [...parts, { put: [], drop }]
}
