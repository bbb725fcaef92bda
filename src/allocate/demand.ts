import type { IpAddress } from '../ip/address.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { VirtualOwner } from '../registry/virtual-addresses.ts'
import {
  type Declaration,
  type ExplicitAddresses,
  explicitAddresses,
  type WantedOwner,
  wantedOwners,
} from './wanted.ts'

/** What one host brings. */
export interface HostDemand {
  readonly wanted: readonly WantedOwner[]
  readonly explicit: ExplicitAddresses
}

const nothing: HostDemand = { wanted: [], explicit: new Map() }

/** Who wants virtual addresses, and which addresses are users' own; kept up to date host by host. */
export class Demand {
  readonly #isOurs: (address: IpAddress) => boolean
  readonly #hosts = new Map<Hostname, HostDemand>()
  readonly #wanted = new Map<VirtualOwner, WantedOwner>()
  readonly #explicit = new Map<IpAddress, VirtualOwner>()
  /** Those who claim an address that somebody claims already, in the order of their coming. */
  readonly #rivals = new Map<IpAddress, readonly VirtualOwner[]>()

  /** `isOurs` says which addresses may be given out, or are. */
  constructor(isOurs: (address: IpAddress) => boolean) {
    this.#isOurs = isOurs
  }

  /** In the order of their coming. */
  wanted(): readonly WantedOwner[] {
    return [...this.#wanted.values()]
  }

  /** Live. */
  explicit(): ExplicitAddresses {
    return this.#explicit
  }

  /** What a host wants and claims. */
  of(host: Hostname): HostDemand {
    return this.#hosts.get(host) ?? nothing
  }

  /**
   * Takes what all services of a host say now, none when it is gone; whether addresses may have to be
   * given out anew.
   */
  set(host: Hostname, services: readonly Declaration[]): boolean {
    const before = this.#hosts.get(host) ?? nothing
    const after = demandOf(services)
    let isNew = !isSameWanted(before, after)
    const isWanted = new Set(after.wanted.map(({ owner }) => owner))
    for (const { owner } of before.wanted) if (!isWanted.has(owner)) this.#wanted.delete(owner)
    for (const one of after.wanted) this.#wanted.set(one.owner, one)
    for (const [address, owner] of before.explicit) {
      if (after.explicit.get(address) === owner) continue
      this.#release(address, owner)
      isNew ||= this.#isOurs(address)
    }
    for (const [address, owner] of after.explicit) {
      if (before.explicit.get(address) === owner) continue
      this.#claim(address, owner)
      isNew ||= this.#isOurs(address)
    }
    if (after.wanted.length + after.explicit.size === 0) this.#hosts.delete(host)
    else this.#hosts.set(host, after)
    return isNew
  }

  #claim(address: IpAddress, owner: VirtualOwner): void {
    if (!this.#explicit.has(address)) this.#explicit.set(address, owner)
    else this.#rivals.set(address, [...(this.#rivals.get(address) ?? []), owner])
  }

  #release(address: IpAddress, owner: VirtualOwner): void {
    const claiming = [this.#explicit.get(address), ...(this.#rivals.get(address) ?? [])]
    const [first, ...rivals] = claiming
      .filter((one) => one !== undefined)
      .filter((one) => one !== owner)
    if (first === undefined) this.#explicit.delete(address)
    else this.#explicit.set(address, first)
    if (rivals.length === 0) this.#rivals.delete(address)
    else this.#rivals.set(address, rivals)
  }
}

function demandOf(services: readonly Declaration[]): HostDemand {
  const explicit = explicitAddresses(services)
  return {
    wanted: wantedOwners(services),
    explicit: explicit.size === 0 ? nothing.explicit : explicit,
  }
}

function isSameWanted({ wanted: a }: HostDemand, { wanted: b }: HostDemand): boolean {
  if (a.length !== b.length) return false
  return a.every(({ owner, createdAt }, index) => {
    const other = b[index]
    return other?.owner === owner && other.createdAt === createdAt
  })
}
