import { poolsOf } from '../../allocate/pools.ts'
import { RouteTable } from '../../balance/route-table.ts'
import { type AddressSet, noAddresses } from '../../capture/address-set.ts'
import { CapturedAddresses } from '../../capture/captured-addresses.ts'
import type { IpFamily } from '../../ip/address.ts'
import type { ClusterFacts } from '../../registry/cluster-facts.ts'
import { ClusterSight } from '../../registry/cluster-sight.ts'
import type { ViewScope } from '../../registry/scope.ts'
import { HostNames, type NamesChange } from '../../resolve/host-names.ts'
import { includedRangesOf } from '../capture-plan.ts'
import { followCluster } from '../follow-cluster.ts'
import { followPlace } from '../follow-place.ts'
import { Mesh } from '../mesh.ts'
import type { AgentOptions } from '../options.ts'
import type { AgentPorts } from '../ports.ts'
import { createPublish } from '../publish.ts'
import type { CatalogLease, SharedCatalog } from './shared-catalog.ts'

/** Whoever sees the mesh through a view. */
export interface ViewMember {
  /** Before names lead there. Never fails, and others do not wait long for it. */
  captureAddresses(addresses: AddressSet): Promise<void>
  namesChanged(change: NamesChange): void
  setCluster(facts: ClusterFacts | undefined): void
}

/** What decides what a pod sees. */
export interface ViewKey {
  readonly namespace: string
  readonly scope: ViewScope
  readonly families: readonly IpFamily[]
}

export interface SharedViewPorts extends Pick<AgentPorts, 'clock' | 'log'> {
  readonly catalog: SharedCatalog
}

/** Longest time for which one member's rules keep a name from all. */
const patienceMs = 1_000

/** The mesh as all pods see it that see the same: one table of names and one of routes for all of them. */
export class SharedView {
  readonly names = new HostNames()
  readonly routes: RouteTable
  readonly #members = new Set<ViewMember>()
  readonly #mesh: Mesh
  readonly #ports: SharedViewPorts
  readonly #lease: CatalogLease
  #captured: AddressSet = noAddresses
  #facts: ClusterFacts | undefined

  private constructor(key: ViewKey, options: AgentOptions, ports: SharedViewPorts) {
    const { v4, v6 } = poolsOf(options.virtualAddresses)
    this.#ports = ports
    this.#lease = ports.catalog.open()
    this.routes = new RouteTable(new Map(), [v4, v6])
    const publish = createPublish({
      routes: this.routes,
      captured: new CapturedAddresses([v4, v6], includedRangesOf(options.capture)),
      captureAddresses: (addresses) => this.#captureAddresses(addresses),
      updateNames: (delta) => {
        const change = this.names.update(delta)
        for (const member of this.#members) member.namesChanged(change)
      },
    })
    const { namespace, scope, families } = key
    const { clusterDomain } = options
    const { catalog } = this.#lease
    followPlace(options, catalog, this.routes)
    this.#mesh = new Mesh(
      { namespace, clusterDomain, scope },
      { ...ports, catalog, families: () => families, publish },
    )
  }

  /** Everything is in force when this returns. */
  static async start(
    key: ViewKey,
    options: AgentOptions,
    ports: SharedViewPorts,
  ): Promise<SharedView> {
    const view = new SharedView(key, options, ports)
    await view.#mesh.start()
    const { catalog } = view.#lease
    followCluster(new ClusterSight(catalog, key.scope), {
      mesh: view.#mesh,
      resolver: { setCluster: (facts) => view.#setCluster(facts) },
    })
    return view
  }

  get size(): number {
    return this.#members.size
  }

  /** Captured addresses are in force for the member when this returns. */
  async join(member: ViewMember): Promise<void> {
    this.#members.add(member)
    await member.captureAddresses(this.#captured)
    member.setCluster(this.#facts)
  }

  leave(member: ViewMember): void {
    this.#members.delete(member)
  }

  async stop(): Promise<void> {
    this.#lease.end()
    await this.#mesh.stop()
  }

  async #captureAddresses(addresses: AddressSet): Promise<void> {
    this.#captured = addresses
    const all = Promise.all([...this.#members].map((member) => member.captureAddresses(addresses)))
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = this.#ports.clock.after(patienceMs, resolve)
    await Promise.race([all, late])
    cancel()
  }

  #setCluster(facts: ClusterFacts | undefined): void {
    this.#facts = facts
    for (const member of this.#members) member.setCluster(facts)
  }
}
