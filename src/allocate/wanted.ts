import type { IpAddress } from '../ip/address.ts'
import type { Service } from '../registry/service.ts'
import { type VirtualOwner, virtualOwner } from '../registry/virtual-addresses.ts'

/** What allocation must know of one object's word on a host. */
export type Declaration = Pick<
  Service,
  'namespace' | 'host' | 'addresses' | 'prefixes' | 'allocatable' | 'createdAt'
>

/** A host that shall have virtual addresses. */
export interface WantedOwner {
  readonly owner: VirtualOwner
  /** Of its oldest service, in milliseconds since 1970; 0 when nobody said. */
  readonly createdAt: number
}

/** Explicit addresses with the first host that claims each. */
export type ExplicitAddresses = ReadonlyMap<IpAddress, VirtualOwner>

/**
 * The hosts that want virtual addresses, oldest first; those of one age stay in the order given.
 *
 * There is one per namespace and host, however many services declare it: some service must be
 * allocatable, and none may have an explicit address or range.
 */
export function wantedOwners(services: readonly Declaration[]): readonly WantedOwner[] {
  const oldest = new Map<VirtualOwner, number>()
  const wanting = new Set<VirtualOwner>()
  const explicit = new Set<VirtualOwner>()
  for (const service of services) {
    const owner = virtualOwner(service.namespace, service.host)
    const createdAt = Math.min(oldest.get(owner) ?? service.createdAt, service.createdAt)
    oldest.set(owner, createdAt)
    if (service.allocatable) wanting.add(owner)
    if (service.addresses.length > 0 || service.prefixes.length > 0) explicit.add(owner)
  }
  const wanted: WantedOwner[] = []
  for (const [owner, createdAt] of oldest) {
    if (wanting.has(owner) && !explicit.has(owner)) wanted.push({ owner, createdAt })
  }
  return wanted.sort((a, b) => a.createdAt - b.createdAt)
}

/** Every address that a user gave to a service; these are never given out. */
export function explicitAddresses(services: readonly Declaration[]): ExplicitAddresses {
  const explicit = new Map<IpAddress, VirtualOwner>()
  for (const { addresses, namespace, host } of services) {
    for (const address of addresses) {
      if (!explicit.has(address)) explicit.set(address, virtualOwner(namespace, host))
    }
  }
  return explicit
}
