import type { Allocation } from '../../allocate/allocation.ts'
import type { Ledger } from '../../allocate/ledger.ts'
import { AllocationReport } from '../../allocate/report.ts'
import { wantedOwners } from '../../allocate/wanted.ts'
import { Backoff } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import { pause } from '../../base/pause.ts'
import type { Random } from '../../base/random.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import type { Declarations } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import { isApiFailure, leaveAloneMs } from '../client/api-failure.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import { AddressRecord } from './address-record.ts'
import { AllocationBook, type BookOptions, type Outcome } from './allocation-book.ts'
import { EntryBatches } from './entry-batches.ts'
import type { EntryChange, EntryTable } from './entry-table.ts'
import { EventWriter } from './event-writer.ts'
import { allocationStalled } from './health.ts'
import { recordWrites } from './meters.ts'
import { MovedAddresses } from './moved-addresses.ts'
import { RecordedAddresses } from './recorded-addresses.ts'
import { ShownPairs } from './shown-pairs.ts'
import { ledgerOf } from './standing-ledger.ts'
import { Waker } from './waker.ts'

export interface AllocatorOptions extends BookOptions {
  /** The controller's own. */
  readonly namespace: string
  readonly identity: string
  readonly writesPerSecond: number
}

export interface AllocatorPorts {
  readonly client: Pick<ClusterClient, 'call'>
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  readonly random: Random
  readonly table: EntryTable
  /** All that the cluster declares: a Service may have the host of an entry. */
  readonly declared: Pick<Declarations, 'services' | 'follow'>
  /** Whether we still lead; asked before each write. */
  readonly mayWrite: () => boolean
  /** The version in which the cluster serves ServiceEntries. */
  readonly version: () => string
}

const tempo = { minMs: 500, maxMs: 10_000 }
/** Longest sleep of a loop that has nothing to do. */
const idleMs = 3_600_000

/**
 * Gives out the virtual addresses of a cluster, and writes them into ServiceEntries.
 *
 * Works between `begin` and `end`, that is while this replica leads. What it is about to write stands
 * in the address record before, so that whoever leads next cannot give the same address away.
 */
export class ClusterAllocator implements Running {
  readonly #options: AllocatorOptions
  readonly #ports: AllocatorPorts
  readonly #record: AddressRecord
  readonly #recorded = new RecordedAddresses()
  readonly #events: EventWriter
  readonly #report: AllocationReport
  readonly #entries: EntryBatches
  readonly #waker: Waker
  readonly #backoff: Backoff
  readonly #moved = new MovedAddresses()
  /** What changed and was not looked at yet. */
  #hosts = new Set<Hostname>()
  #book: AllocationBook | undefined
  #rested: Ledger['resting'] = new Map()
  /** Kept up while others lead, for the moment when we begin. */
  readonly #seen: ShownPairs
  #ending: AbortController | undefined
  #running: Promise<void> | undefined
  #cancelFree = () => {}

  constructor(options: AllocatorOptions, ports: AllocatorPorts) {
    this.#options = options
    this.#ports = ports
    this.#record = new AddressRecord(options, ports)
    this.#events = new EventWriter(options.identity, ports)
    this.#entries = new EntryBatches(options.writesPerSecond, { ...ports, events: this.#events })
    this.#report = new AllocationReport(ports.health, ports.meters)
    this.#waker = new Waker(ports.clock)
    this.#backoff = new Backoff(tempo, ports.random)
    this.#seen = new ShownPairs(ports.table)
    for (const host of ports.table.hosts()) this.#see(host)
    ports.table.follow((change) => this.#hear(change))
    ports.declared.follow(({ hosts }) => this.#hearOfOthers(hosts))
  }

  /** Begins to lead; the table has been filled. */
  begin(): void {
    if (this.#running) return
    this.#ending = new AbortController()
    this.#backoff.reset()
    this.#running = this.#run(this.#ending.signal)
  }

  /** Resolves when nothing more is written. */
  async end(): Promise<void> {
    this.#ending?.abort()
    await this.#running
    this.#running = undefined
  }

  async stop(): Promise<void> {
    await this.end()
    await this.#events.settled()
  }

  #hear({ keys, hosts }: EntryChange): void {
    for (const host of hosts) this.#see(host)
    if (!this.#book) return
    for (const key of keys) this.#entries.add(key)
    for (const host of hosts) this.#hosts.add(host)
    this.#waker.wake()
  }

  /** What is told of these hosts may be other words now, their addresses are not. */
  #hearOfOthers(hosts: ReadonlySet<Hostname>): void {
    const declared = [...hosts].filter((host) => this.#ports.table.declaring(host).length > 0)
    if (!this.#book || declared.length === 0) return
    this.#lookAt(declared)
    this.#waker.wake()
  }

  #see(host: Hostname): void {
    const wanting = wantedOwners(this.#ports.table.declarations(host))
    this.#seen.set(host, new Set(wanting.map(({ owner }) => owner)))
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, health, log } = this.#ports
    while (!signal.aborted) {
      try {
        const book = this.#book ?? (await this.#takeOver())
        await this.#round(book, signal)
        health.clear(allocationStalled)
        this.#backoff.reset()
        await this.#rest(signal)
      } catch (error) {
        // Somebody else wrote the record: they lead, or did; what we know of it is old.
        if (isApiFailure(error, 409) || isApiFailure(error, 404)) this.#forget()
        if (!isApiFailure(error, 409)) health.set(allocationStalled, reasonOf(error))
        log.debug({ reason: reasonOf(error) }, 'virtual addresses were not written')
        await pause(leaveAloneMs(error) + this.#backoff.next(), clock, signal)
      }
    }
    this.#forget()
    this.#report.forget()
    health.clear(allocationStalled)
  }

  async #takeOver(): Promise<AllocationBook> {
    const { table, clock, log } = this.#ports
    const contents = await this.#record.load()
    const wallMs = clock.wall()
    // What rested when we led last, in case that somebody removed the record.
    const resting = new Map([...this.#rested, ...contents.resting])
    const known = { seen: this.#seen.all(), wallMs, untilMs: wallMs + this.#options.restMs }
    const ledger = ledgerOf(table, { ...contents, resting }, known)
    log.info({ count: ledger.held.size }, 'this replica gives out virtual addresses')
    for (const key of table.entries().keys()) this.#entries.add(key)
    this.#book = new AllocationBook(this.#options, table, ledger)
    return this.#book
  }

  #forget(): void {
    if (this.#book) this.#rested = this.#book.ledger.resting
    this.#book = undefined
    this.#recorded.forget()
    this.#entries.forget()
    this.#hosts = new Set()
    this.#moved.forget()
    this.#cancelFree()
  }

  async #round(book: AllocationBook, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports
    const hosts = this.#hosts
    this.#hosts = new Set()
    for (const host of hosts) book.note(host, clock.wall())
    this.#lookAt(hosts)
    book.keepResting(this.#entries.addresses(), clock.wall())
    const outcome = book.allocate(clock.wall())
    if (outcome) this.#take(outcome)
    if (signal.aborted || !this.#ports.mayWrite()) return
    await this.#save(book)
    const standing = { held: book.ledger.held, moved: this.#moved.all() }
    await this.#entries.write(standing, (key) => this.#hasNews(key), signal)
  }

  #take(outcome: Outcome): void {
    this.#lookAt(outcome.hosts)
    if (outcome.kind === 'turnover') this.#report.turnOver(this.#options.pools, outcome)
    else {
      this.#report.update(outcome.request, outcome.allocation)
      this.#moved.add(outcome.allocation.moved)
      this.#waitForFree(outcome.allocation)
    }
  }

  /** Every entry of a host says the same. */
  #lookAt(hosts: Iterable<Hostname>): void {
    for (const host of hosts) {
      for (const { key } of this.#ports.table.declaring(host)) this.#entries.add(key)
    }
  }

  async #save(book: AllocationBook): Promise<void> {
    if (!this.#recorded.isBehind(book.ledger)) return
    const untilMs = this.#ports.clock.wall() + this.#options.restMs
    this.#ports.meters.cell(recordWrites).value += 1
    await this.#record.save(this.#recorded.next(book, untilMs))
    this.#recorded.saved()
  }

  /** Whether the book does not know yet what became of the entry: it may have got addresses meanwhile. */
  #hasNews(key: string): boolean {
    const { hosts = [] } = this.#ports.table.get(key) ?? {}
    return hosts.some((host) => this.#hosts.has(host))
  }

  async #rest(signal: AbortSignal): Promise<void> {
    const { clock, mayWrite } = this.#ports
    if (this.#hosts.size > 0) return
    const nextAt = this.#entries.nextAt()
    // Who may not write is about to be told so.
    const soonest = mayWrite() ? 0 : tempo.minMs
    const waitMs = Math.min(idleMs, Math.max(soonest, nextAt - clock.now()))
    if (waitMs <= 0) return
    if (nextAt === Infinity) this.#moved.forget()
    await this.#waker.sleep(waitMs, signal)
  }

  /** Hosts that got no address get one when the first resting address is free. */
  #waitForFree({ exhausted }: Allocation): void {
    this.#cancelFree()
    const earlier = (least: number, { freeAtMs = Infinity }) => Math.min(least, freeAtMs)
    const firstMs = exhausted.reduce(earlier, Infinity)
    if (firstMs === Infinity) return
    const { clock } = this.#ports
    this.#cancelFree = clock.after(Math.max(0, firstMs - clock.wall()), () => {
      this.#book?.expectFree()
      this.#waker.wake()
    })
  }
}
