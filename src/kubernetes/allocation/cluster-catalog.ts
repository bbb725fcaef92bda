import { emptyLedger, type Ledger } from '../../allocate/ledger.ts'
import { wantedOwners } from '../../allocate/wanted.ts'
import type { Clock } from '../../base/clock.ts'
import type { Running } from '../../base/scope.ts'
import type { Catalog, CatalogChange, ServicesByHost } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { Service } from '../../registry/service.ts'
import type { Sidecar } from '../../registry/sidecar.ts'
import type { Source } from '../../registry/source.ts'
import {
  splitOwner,
  type VirtualAddresses,
  type VirtualOwner,
  virtualOwner,
} from '../../registry/virtual-addresses.ts'
import type { EntryTable } from './entry-table.ts'
import { ShownPairs } from './shown-pairs.ts'

export interface ClusterCatalogPorts {
  readonly clock: Clock
  readonly source: Source
  readonly table: EntryTable
}

/** For how long hosts wait for an address while nobody gets any: a leader's lease, and a look at it. */
const patienceMs = 40_000

/**
 * What a source declares, with the virtual addresses that stand in the status of ServiceEntries.
 *
 * A host that wants an address is not shown before it has one: an answer without it would lead past the
 * mesh, and be kept. It is shown without when its entry says that there is none, or when nobody gives
 * out any.
 */
export class ClusterCatalog implements Catalog, Running {
  readonly #ports: ClusterCatalogPorts
  readonly #services = new Map<Hostname, readonly Service[]>()
  readonly #pairs: ShownPairs
  readonly #followers: ((change: CatalogChange) => void)[] = []
  /** Hosts that are not shown to everybody, and since when. */
  readonly #withheld = new Map<Hostname, number>()
  /** Hosts that have waited long enough. */
  readonly #unaided = new Set<Hostname>()
  #progressAt: number
  #sidecars: readonly Sidecar[] = []
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(ports: ClusterCatalogPorts) {
    this.#ports = ports
    this.#pairs = new ShownPairs(ports.table)
    this.#progressAt = ports.clock.now()
  }

  services(): ServicesByHost {
    return this.#services
  }

  virtualAddresses(): VirtualAddresses {
    return this.#pairs.all()
  }

  sidecars(): readonly Sidecar[] {
    return this.#sidecars
  }

  /** What rests is known to the leader only. */
  get ledger(): Ledger {
    return { ...emptyLedger, held: this.#pairs.all() }
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#followers.push(onChange)
  }

  /** Takes what is there now, and follows it from then on; the table has been filled. */
  start(): this {
    const { source, table } = this.#ports
    source.follow(({ hosts }) => this.#update(hosts))
    table.follow(({ hosts }) => this.#update(hosts))
    this.#update(source.services().keys())
    return this
  }

  async reload(): Promise<void> {
    await this.#ports.source.reload()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
  }

  #update(hosts: Iterable<Hostname>): void {
    if (this.#stopped) return
    const changed = new Set<Hostname>()
    const queue = [...hosts]
    for (const host of queue) if (this.#refresh(host, queue)) changed.add(host)
    const sidecars = this.#ports.source.sidecars()
    const isOther = sidecars !== this.#sidecars
    this.#sidecars = sidecars
    this.#waitForOthers()
    if (changed.size === 0 && !isOther) return
    for (const onChange of this.#followers) onChange({ hosts: changed, sidecars: isOther })
  }

  /** Whether the host is another now; `queue` gets those that lost an address to it. */
  #refresh(host: Hostname, queue: Hostname[]): boolean {
    const declared = this.#ports.source.services().get(host) ?? []
    const wanting = new Set(wantedOwners(declared).map(({ owner }) => owner))
    const { isChanged, isNew, losers } = this.#pairs.set(host, wanting)
    if (isNew) this.#progressAt = this.#ports.clock.now()
    for (const owner of losers) queue.push(splitOwner(owner).host)
    const waiting = new Set([...wanting].filter((owner) => this.#isWaiting(owner)))
    this.#noteWait(host, waiting.size > 0)
    // A Service goes before the entries of its host, and needs none of their addresses.
    const isShown = ({ registry, namespace }: Service) =>
      registry === 'Kubernetes' || !waiting.has(virtualOwner(namespace, host))
    const shown =
      waiting.size === 0 || this.#unaided.has(host) ? declared : declared.filter(isShown)
    const before = this.#services.get(host) ?? []
    const isSame = before.length === shown.length && shown.every((one, at) => one === before[at])
    if (isSame) return isChanged && shown.length > 0
    if (shown.length > 0) this.#services.set(host, shown)
    else this.#services.delete(host)
    return true
  }

  /** Whether it has no address, and may still get one. */
  #isWaiting(owner: VirtualOwner): boolean {
    if (this.#pairs.all().has(owner)) return false
    const { namespace, host } = splitOwner(owner)
    return !this.#ports.table.declaring(host, namespace).some(({ wanted, generation, status }) => {
      const { condition } = status
      if (!wanted.has(host) || condition?.status !== 'False') return false
      return condition.observedGeneration === generation
    })
  }

  #noteWait(host: Hostname, isWaiting: boolean): void {
    if (!isWaiting) {
      this.#withheld.delete(host)
      this.#unaided.delete(host)
    } else if (!this.#withheld.has(host) && !this.#unaided.has(host)) {
      this.#withheld.set(host, this.#ports.clock.now())
    }
  }

  #waitForOthers(): void {
    if (this.#cancel || this.#withheld.size === 0) return
    const { clock } = this.#ports
    const [first = 0] = this.#withheld.values()
    const untilMs = Math.max(first, this.#progressAt) + patienceMs
    this.#cancel = clock.after(Math.max(0, untilMs - clock.now()), () => {
      this.#cancel = undefined
      const hosts = this.#progressAt + patienceMs > clock.now() ? [] : this.#impatient()
      for (const host of hosts) {
        this.#withheld.delete(host)
        this.#unaided.add(host)
      }
      this.#update(hosts)
    })
  }

  #impatient(): readonly Hostname[] {
    const latest = this.#ports.clock.now() - patienceMs
    return [...this.#withheld].filter(([, since]) => since <= latest).map(([host]) => host)
  }
}
