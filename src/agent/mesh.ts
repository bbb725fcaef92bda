import type { Clock } from '../base/clock.ts'
import { inSlices } from '../base/in-slices.ts'
import type { Log } from '../base/log.ts'
import type { Running } from '../base/scope.ts'
import type { IpFamily } from '../ip/address.ts'
import type { Catalog } from '../registry/catalog.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { NameRecord, NameTableDelta } from '../registry/name-record.ts'
import { isSameRecord, nameTableOf, recordOf } from '../registry/name-table.ts'
import { scopeOf, type ViewScope } from '../registry/scope.ts'
import { isSameHost, type MeshHost, seenHost, type View, type Viewer } from '../registry/view.ts'

export interface MeshOptions {
  readonly namespace: string
  readonly clusterDomain: string
  /** Labels of the workload, by which Sidecars select it. */
  readonly labels?: ReadonlyMap<string, string>
  /** Whose Sidecar counts where a namespace has none. Default `istio-system`. */
  readonly rootNamespace?: string
  /** What may be seen, where somebody else has found out. */
  readonly scope?: ViewScope
}

export interface MeshPorts {
  readonly clock: Clock
  readonly log: Log
  readonly catalog: Catalog
  /** Families that this machine can use now. */
  families(): readonly IpFamily[]
  /**
   * Puts a changed mesh in force: connections first, then names. After a failure the same hosts come
   * again.
   */
  publish(change: MeshChange): Promise<void>
}

/** Hosts as this machine sees them from now on. */
export interface MeshChange {
  /** Those that are seen differently; `undefined` when they are seen no more. */
  readonly hosts: ReadonlyMap<Hostname, MeshHost | undefined>
  /** What that means for names. */
  readonly delta: NameTableDelta
}

/** How often the machine's own addresses are looked at. */
const lookEveryMs = 10_000

/** What this machine sees of the mesh: follows the catalog and publishes what changed, host by host. */
export class Mesh implements Running {
  readonly #options: MeshOptions
  readonly #ports: MeshPorts
  readonly #view = new Map<Hostname, MeshHost>()
  #viewer: Viewer
  /** Hosts to look at again. */
  #pending = new Set<Hostname>()
  #publishing: Promise<void> | undefined
  #cancelLook = () => {}
  #stopped = false

  constructor(options: MeshOptions, ports: MeshPorts) {
    this.#options = options
    this.#ports = ports
    this.#viewer = this.#lookThrough(ports.families())
  }

  /** Live. */
  get view(): View {
    return this.#view
  }

  /** What is answered for each host of the view. */
  records(): Iterable<NameRecord> {
    return nameTableOf(this.#view, this.#options).values()
  }

  /** Publishes everything that there is, and follows the catalog from then on. */
  async start(): Promise<this> {
    this.#ports.catalog.follow(({ hosts, sidecars }) => {
      if (sidecars) this.#seeAnew()
      this.#later(hosts)
    })
    this.#seeAnew()
    await this.#publish()
    this.#look()
    return this
  }

  /** Whether everything that the catalog told is published. */
  get isSettled(): boolean {
    return !this.#publishing
  }

  /** Resolves when it is. */
  async settled(): Promise<void> {
    while (this.#publishing) await this.#publishing
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelLook()
    await this.#publishing?.catch(() => {})
  }

  /** To be called when what this machine may see or use has changed: every host is looked at again. */
  #seeAnew(): void {
    this.#viewer = this.#lookThrough(this.#ports.families())
    for (const host of this.#view.keys()) this.#pending.add(host)
    for (const host of this.#ports.catalog.services().keys()) this.#pending.add(host)
  }

  #lookThrough(virtualFamilies: readonly IpFamily[]): Viewer {
    const { namespace, labels = new Map(), rootNamespace = 'istio-system' } = this.#options
    const sidecars = this.#ports.catalog.sidecars()
    const { scope = scopeOf({ namespace, labels }, sidecars, rootNamespace) } = this.#options
    return { namespace, scope, virtualFamilies }
  }

  #later(hosts: Iterable<Hostname>): void {
    if (this.#stopped) return
    for (const host of hosts) this.#pending.add(host)
    this.#publish().catch((error: unknown) => {
      this.#ports.log.error({ error }, 'a change of the mesh could not be put in force')
    })
  }

  /** Changes that come while one is put in force become one. */
  #publish(): Promise<void> {
    this.#publishing ??= this.#publishUntilDone().finally(() => {
      this.#publishing = undefined
    })
    return this.#publishing
  }

  async #publishUntilDone(): Promise<void> {
    do await this.#publishOnce()
    while (this.#pending.size > 0 && !this.#stopped)
  }

  async #publishOnce(): Promise<void> {
    const looked = this.#pending
    this.#pending = new Set()
    const change = await this.#changeOf(looked)
    try {
      await this.#ports.publish(change)
    } catch (error) {
      for (const host of looked) this.#pending.add(host)
      throw error
    }
    const { hosts, delta } = change
    await inSlices(hosts, ([host, seen]) => put(this.#view, host, seen))
    const count = delta.put.length + delta.drop.length
    if (count > 0) this.#ports.log.info({ services: this.#view.size, count }, 'the mesh changed')
  }

  async #changeOf(looked: ReadonlySet<Hostname>): Promise<MeshChange> {
    const { catalog } = this.#ports
    const hosts = new Map<Hostname, MeshHost | undefined>()
    const records: NameRecord[] = []
    const drop: Hostname[] = []
    await inSlices(looked, (host) => {
      const services = catalog.services().get(host) ?? []
      const seen = seenHost(services, catalog.virtualAddresses(), this.#viewer)
      const known = this.#view.get(host)
      if (isSameHost(known, seen)) return
      hosts.set(host, seen)
      const before = known && recordOf(known, this.#options)
      const record = seen && recordOf(seen, this.#options)
      if (record === undefined && before !== undefined) drop.push(host)
      if (record !== undefined && !isSameRecord(before, record)) records.push(record)
    })
    return { hosts, delta: { put: records, drop } }
  }

  /** A machine may get its first IPv6 address after we started. */
  #look(): void {
    this.#cancelLook = this.#ports.clock.after(lookEveryMs, () => {
      if (this.#ports.families().join() !== this.#viewer.virtualFamilies.join()) {
        this.#seeAnew()
        this.#later([])
      }
      this.#look()
    })
  }
}

function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
