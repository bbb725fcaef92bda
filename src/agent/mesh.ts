import { allocate } from '../allocate/allocate.ts'
import type { Allocation, AllocationRequest, Pools } from '../allocate/allocation.ts'
import type { Ledger } from '../allocate/ledger.ts'
import { AllocationReport } from '../allocate/report.ts'
import { explicitAddresses, wantedOwners } from '../allocate/wanted.ts'
import type { Clock } from '../base/clock.ts'
import type { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import type { Meters } from '../base/meters.ts'
import type { Running } from '../base/scope.ts'
import type { IpFamily } from '../ip/address.ts'
import type { NameRecord, NameTableDelta } from '../registry/name-record.ts'
import { diffNameTables, type NameTable, nameTableOf } from '../registry/name-table.ts'
import type { Source } from '../registry/source.ts'
import { type View, viewOf } from '../registry/view.ts'

export interface MeshOptions {
  readonly namespace: string
  readonly clusterDomain: string
  readonly pools: Pools
  readonly restMs: number
}

export interface MeshPorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  readonly source: Source
  /** Keeps what was allocated; nothing is answered before it was kept. */
  save(ledger: Ledger): Promise<void>
  /** Families that this machine can use now. */
  families(): readonly IpFamily[]
  /** Puts a changed mesh in force: connections first, then names. */
  publish(change: MeshChange): Promise<void>
}

/** The mesh as this machine sees it from now on. */
export interface MeshChange {
  readonly view: View
  readonly delta: NameTableDelta
}

/** How often the machine's own addresses are looked at. */
const lookEveryMs = 10_000

/** What this machine knows of the mesh: follows the source, allocates, and publishes what changed. */
export class Mesh implements Running {
  readonly #options: MeshOptions
  readonly #ports: MeshPorts
  readonly #report: AllocationReport
  #ledger: Ledger
  #view: View = new Map()
  #table: NameTable = new Map()
  #families = ''
  /** The refresh at work, and whether another must follow it. */
  #refreshing: Promise<void> | undefined
  #isStale = false
  #cancelFree = () => {}
  #cancelLook = () => {}
  #stopped = false

  constructor(options: MeshOptions, ledger: Ledger, ports: MeshPorts) {
    this.#options = options
    this.#ledger = ledger
    this.#ports = ports
    this.#report = new AllocationReport(ports.health, ports.meters)
  }

  get view(): View {
    return this.#view
  }

  get ledger(): Ledger {
    return this.#ledger
  }

  records(): Iterable<NameRecord> {
    return this.#table.values()
  }

  /** Publishes the first table and follows the source from then on. */
  async start(): Promise<this> {
    this.#ports.source.follow(() => this.#later())
    await this.refresh()
    this.#look()
    return this
  }

  /** Works out everything anew; calls that come meanwhile become one. */
  refresh(): Promise<void> {
    this.#isStale = true
    this.#refreshing ??= this.#refreshUntilFresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelFree()
    this.#cancelLook()
    await this.#refreshing
  }

  #later(): void {
    this.refresh().catch((error: unknown) => {
      this.#ports.log.error({ error }, 'a change of the mesh could not be put in force')
    })
  }

  async #refreshUntilFresh(): Promise<void> {
    while (this.#isStale && !this.#stopped) {
      this.#isStale = false
      await this.#refreshOnce()
    }
  }

  async #refreshOnce(): Promise<void> {
    const { source, log } = this.#ports
    const services = source.services()
    const allocation = this.#allocate(services)
    if (allocation.changed) await this.#ports.save(allocation.ledger)
    this.#ledger = allocation.ledger
    const virtualFamilies = this.#ports.families()
    this.#families = virtualFamilies.join()
    const { namespace, clusterDomain } = this.#options
    const view = viewOf(services, allocation.ledger.held, { namespace, virtualFamilies })
    const table = nameTableOf(view, { namespace, clusterDomain })
    const delta = diffNameTables(this.#table, table)
    await this.#ports.publish({ view, delta })
    this.#view = view
    this.#table = table
    if (delta.put.length === 0 && delta.drop.length === 0) return
    const count = delta.put.length + delta.drop.length
    log.info({ services: services.length, count }, 'the mesh changed')
  }

  #allocate(services: ReturnType<Source['services']>): Allocation {
    const { clock } = this.#ports
    const { pools, restMs } = this.#options
    const request: AllocationRequest = {
      wanted: wantedOwners(services),
      explicit: explicitAddresses(services),
      ledger: this.#ledger,
      pools,
      wallMs: clock.wall(),
      restMs,
    }
    const allocation = allocate(request)
    this.#report.update(request, allocation)
    this.#waitForFree(allocation)
    return allocation
  }

  /** Hosts that got no address get one when the first resting address is free. */
  #waitForFree({ exhausted }: Allocation): void {
    this.#cancelFree()
    const times = exhausted.map(({ freeAtMs }) => freeAtMs).filter((time) => time !== undefined)
    if (times.length === 0) return
    const { clock } = this.#ports
    const delayMs = Math.max(0, Math.min(...times) - clock.wall())
    this.#cancelFree = clock.after(delayMs, () => this.#later())
  }

  /** A machine may get its first IPv6 address after we started. */
  #look(): void {
    this.#cancelLook = this.#ports.clock.after(lookEveryMs, () => {
      if (this.#ports.families().join() !== this.#families) this.#later()
      this.#look()
    })
  }
}
