import type { Clock } from '../base/clock.ts'
import type { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import type { Meters } from '../base/meters.ts'
import type { Running } from '../base/scope.ts'
import { familyOf, type IpAddress } from '../ip/address.ts'
import type { Catalog, CatalogChange, ServicesByHost } from '../registry/catalog.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import type { Sidecar } from '../registry/sidecar.ts'
import type { Source } from '../registry/source.ts'
import {
  splitOwner,
  type VirtualAddresses,
  type VirtualOwner,
} from '../registry/virtual-addresses.ts'
import { allocate } from './allocate.ts'
import type { Allocation, Pools } from './allocation.ts'
import { Demand } from './demand.ts'
import type { Ledger } from './ledger.ts'
import { AllocationReport } from './report.ts'
import { createUsableTest } from './usable-addresses.ts'

export interface AllocatingOptions {
  readonly pools: Pools
  /** How long an address rests when its host is gone. */
  readonly restMs: number
}

export interface AllocatingPorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  readonly source: Source
  /** Keeps what was allocated; nobody hears of an address before it was kept. */
  save(ledger: Ledger): Promise<void>
}

/**
 * What a source declares, with a virtual address for every host that wants one.
 *
 * Services and addresses of a host appear together, when the addresses are kept.
 */
export class AllocatingCatalog implements Catalog, Running {
  readonly #options: AllocatingOptions
  readonly #ports: AllocatingPorts
  readonly #report: AllocationReport
  readonly #demand: Demand
  readonly #services = new Map<Hostname, readonly Service[]>()
  readonly #followers: ((change: CatalogChange) => void)[] = []
  #sidecars: readonly Sidecar[]
  #ledger: Ledger
  /** What changed at the source and is not taken over yet. */
  #pending = new Set<Hostname>()
  /** Whether addresses must be given out anew although no demand changed. */
  #isDue = true
  #updating: Promise<void> | undefined
  #cancelFree = () => {}
  #stopped = false

  constructor(options: AllocatingOptions, ledger: Ledger, ports: AllocatingPorts) {
    this.#options = options
    this.#ledger = ledger
    this.#ports = ports
    this.#demand = new Demand(createOwnTest(options.pools, ledger))
    this.#sidecars = ports.source.sidecars()
    this.#report = new AllocationReport(ports.health, ports.meters)
  }

  services(): ServicesByHost {
    return this.#services
  }

  virtualAddresses(): VirtualAddresses {
    return this.#ledger.held
  }

  sidecars(): readonly Sidecar[] {
    return this.#sidecars
  }

  /** Who holds which address, and which ones rest. */
  get ledger(): Ledger {
    return this.#ledger
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#followers.push(onChange)
  }

  /** Takes what the source has now, and follows it from then on. */
  async start(): Promise<this> {
    const { source } = this.#ports
    source.follow(({ hosts }) => this.#later(hosts))
    await this.#update(source.services().keys())
    return this
  }

  /** Has the source read again, and waits until what is new is taken over. */
  async reload(): Promise<void> {
    await this.#ports.source.reload()
    await this.settled()
  }

  /** Resolves when everything that the source told is taken over. */
  async settled(): Promise<void> {
    while (this.#updating) await this.#updating
  }

  /** What is under way is taken over and kept; what comes later is not. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelFree()
    await this.#updating?.catch(() => {})
  }

  #later(hosts: Iterable<Hostname>): void {
    if (this.#stopped) return
    this.#update(hosts).catch((error: unknown) => {
      this.#ports.log.error({ error }, 'virtual addresses could not be given out')
    })
  }

  /** Calls that come while one is at work become one. */
  #update(hosts: Iterable<Hostname>): Promise<void> {
    for (const host of hosts) this.#pending.add(host)
    this.#updating ??= this.#updateUntilDone().finally(() => {
      this.#updating = undefined
    })
    return this.#updating
  }

  async #updateUntilDone(): Promise<void> {
    do await this.#updateOnce()
    while (this.#hasNews() && !this.#stopped)
  }

  #hasNews(): boolean {
    return this.#isDue || this.#pending.size > 0 || this.#hasOtherSidecars()
  }

  #hasOtherSidecars(): boolean {
    return this.#ports.source.sidecars() !== this.#sidecars
  }

  async #updateOnce(): Promise<void> {
    const { source } = this.#ports
    const hosts = this.#pending
    this.#pending = new Set()
    const declared = new Map([...hosts].map((host) => [host, source.services().get(host)]))
    for (const [host, services] of declared) {
      if (this.#demand.set(host, services ?? [])) this.#isDue = true
    }
    const before = this.#ledger
    if (this.#isDue) {
      const { ledger, changed } = this.#allocate()
      try {
        if (changed) await this.#ports.save(ledger)
      } catch (error) {
        for (const host of hosts) this.#pending.add(host)
        throw error
      }
      this.#isDue = false
      this.#ledger = ledger
    }
    for (const [host, services] of declared) {
      if (services) this.#services.set(host, services)
      else this.#services.delete(host)
    }
    for (const host of hostsOfChanged(before.held, this.#ledger.held)) hosts.add(host)
    this.#tell(hosts)
  }

  #tell(hosts: ReadonlySet<Hostname>): void {
    const sidecars = this.#hasOtherSidecars()
    this.#sidecars = this.#ports.source.sidecars()
    if (hosts.size === 0 && !sidecars) return
    for (const onChange of this.#followers) onChange({ hosts, sidecars })
  }

  #allocate(): Allocation {
    const { clock } = this.#ports
    const request = {
      ...this.#options,
      wanted: this.#demand.wanted(),
      explicit: this.#demand.explicit(),
      ledger: this.#ledger,
      wallMs: clock.wall(),
    }
    const allocation = allocate(request)
    this.#report.update(request, allocation)
    this.#waitForFree(allocation)
    return allocation
  }

  /** Hosts that got no address get one when the first resting address is free. */
  #waitForFree({ exhausted }: Allocation): void {
    this.#cancelFree()
    const firstMs = exhausted.reduce(
      (least, one) => Math.min(least, one.freeAtMs ?? least),
      Infinity,
    )
    if (firstMs === Infinity) return
    const { clock } = this.#ports
    this.#cancelFree = clock.after(Math.max(0, firstMs - clock.wall()), () => {
      this.#isDue = true
      this.#later([])
    })
  }
}

/** Tests whether an address lies in a pool, or is held from a time when the pools were others. */
function createOwnTest({ v4, v6 }: Pools, { held }: Ledger): (address: IpAddress) => boolean {
  const isUsable = { 4: createUsableTest(v4), 6: createUsableTest(v6) }
  const isInPool = (address: IpAddress) => isUsable[familyOf(address)](address)
  const others = new Set<IpAddress>()
  for (const pair of held.values()) {
    for (const address of [pair.v4, pair.v6]) {
      if (address !== undefined && !isInPool(address)) others.add(address)
    }
  }
  return (address) => isInPool(address) || others.has(address)
}

/** Hosts of those who hold something else than before. */
function hostsOfChanged(before: VirtualAddresses, after: VirtualAddresses): Set<Hostname> {
  const hosts = new Set<Hostname>()
  if (before === after) return hosts
  const add = (owner: VirtualOwner) => hosts.add(splitOwner(owner).host)
  for (const [owner, pair] of after) if (before.get(owner) !== pair) add(owner)
  for (const owner of before.keys()) if (!after.has(owner)) add(owner)
  return hosts
}
