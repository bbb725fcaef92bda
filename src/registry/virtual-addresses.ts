import type { Brand } from '../base/brand.ts'
import type { IpAddress } from '../ip/address.ts'
import type { Hostname } from './hostname.ts'

/** Who owns a virtual address: `NAMESPACE/HOST`. */
export type VirtualOwner = Brand<string, 'VirtualOwner'>

export function virtualOwner(namespace: string, host: Hostname): VirtualOwner {
  return `${namespace}/${host}` as VirtualOwner
}

export function splitOwner(owner: VirtualOwner): { namespace: string; host: Hostname } {
  const slash = owner.indexOf('/')
  return { namespace: owner.slice(0, slash), host: owner.slice(slash + 1) as Hostname }
}

/** What one owner holds; a family is missing when its pool has no address left. */
export interface VirtualPair {
  readonly v4?: IpAddress
  readonly v6?: IpAddress
}

export type VirtualAddresses = ReadonlyMap<VirtualOwner, VirtualPair>
