import { status } from '@grpc/grpc-js'
import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import type { Random } from '../../base/random.ts'
import type { Running } from '../../base/scope.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { Catalog, CatalogChange, ServicesByHost } from '../../registry/catalog.ts'
import {
  type ClusterFacts,
  type ClusterFactsSource,
  isSameFacts,
} from '../../registry/cluster-facts.ts'
import type { Sidecar } from '../../registry/sidecar.ts'
import type { VirtualAddresses } from '../../registry/virtual-addresses.ts'
import type { ClientCredentialsKeeper } from '../../rpc/client-credentials.ts'
import type { Node } from '../../rpc/gen/envoy/config/core/v3/base_pb.js'
import type { ReadOptions } from '../../translate/discovery/read-options.ts'
import { addressOf, ControllerLink, type StreamUser } from './controller-link.ts'
import { ControllerTable } from './controller-table.ts'
import type { ControllerTarget } from './controller-targets.ts'
import type { DeltaStream, StreamEnd } from './delta-stream.ts'
import { DiscoverySession } from './discovery-session.ts'
import { HealthReporter, type WorkloadHealth } from './health-reporter.ts'
import type { ControllerOptions } from './options.ts'
import { SavedTable } from './saved-table.ts'
import { SourceStatus, type TableState } from './source-status.ts'

export interface XdsSourcePorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  readonly random: Random
  /** For controllers over TLS. */
  readonly credentials?: ClientCredentialsKeeper
  node(): Node
  /** Addresses of a controller's name; never through the mesh. */
  resolve(host: string): Promise<readonly IpAddress[]>
}

export interface XdsSourceOptions {
  readonly controller: ControllerOptions
  readonly stateFolder: string
  /** How resources become services. */
  readonly reading: ReadOptions
}

/** How often it is noted that the saved table is still good. */
const confirmEveryMs = 60_000

/**
 * Services from a controller, as of the last time that it could be reached.
 *
 * It never waits for a controller: what was saved is there at once, what is new when it comes.
 */
export class XdsSource implements Catalog, ClusterFactsSource, Running {
  readonly name = 'controller'
  readonly #options: XdsSourceOptions
  readonly #ports: XdsSourcePorts
  readonly #saved: SavedTable
  readonly #table: ControllerTable
  readonly #link: ControllerLink
  readonly #status: SourceStatus
  readonly #reporter = new HealthReporter()
  readonly #followers: ((change: CatalogChange) => void)[] = []
  readonly #factsFollowers: (() => void)[] = []
  /** Of the stream that there is: without one nobody knows what came since. */
  #facts: ClusterFacts | undefined
  #namesOnly = false
  #cancelConfirm = () => {}
  #stopped = false

  constructor(options: XdsSourceOptions, ports: XdsSourcePorts) {
    const { stateFolder, controller, reading } = options
    const { saveEveryMs } = controller
    this.#options = options
    this.#ports = ports
    this.#saved = new SavedTable({ stateFolder, saveEveryMs }, ports)
    this.#table = new ControllerTable({
      reading,
      saved: this.#saved,
      onChange: (change) => this.#tell(change),
    })
    this.#status = new SourceStatus(this.#table, ports)
    this.#link = new ControllerLink(controller, {
      ...ports,
      use: (stream, target) => this.#use(stream, target),
      onFailure: (reason) => this.#status.failed(reason),
    })
  }

  /** Puts the saved table in force, and begins to look for a controller. */
  async start(): Promise<this> {
    this.#status.loaded(await this.#table.load())
    this.#link.start()
    return this
  }

  services(): ServicesByHost {
    return this.#table.inForce.services()
  }

  virtualAddresses(): VirtualAddresses {
    return this.#table.inForce.virtualAddresses()
  }

  /** The controller has applied them already. */
  sidecars(): readonly Sidecar[] {
    return noSidecars
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#followers.push(onChange)
  }

  clusterFacts(): ClusterFacts | undefined {
    return this.#facts
  }

  followClusterFacts(onChange: () => void): void {
    this.#factsFollowers.push(onChange)
  }

  /** Tries at once to reach a controller, if it waits to try again. */
  async reload(): Promise<void> {
    this.#link.hurry()
  }

  /** How far the table can be relied on. */
  state(): TableState {
    return this.#status.state()
  }

  /** For people who look for a mistake. */
  describe(): Readonly<Record<string, unknown>> {
    return { controllers: this.#options.controller.addresses, ...this.#status.describe() }
  }

  /** Tells the controller how the workload beside us is: now, and at the beginning of each stream. */
  reportHealth(health: WorkloadHealth): void {
    this.#reporter.report(health)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#link.stop()
    this.#cancelConfirm()
    await this.#saved.stop()
  }

  #tell(change: CatalogChange): void {
    if (this.#stopped) return
    for (const onChange of this.#followers) onChange(change)
  }

  #setFacts(facts: ClusterFacts | undefined): void {
    if (isSameFacts(facts, this.#facts) || this.#stopped) return
    this.#facts = facts
    for (const onChange of this.#factsFollowers) onChange()
  }

  #use(stream: DeltaStream, target: ControllerTarget): StreamUser {
    const server = addressOf(target)
    const status = this.#status
    const { controller } = this.#options
    const session = new DiscoverySession(
      { ...controller, namesOnly: this.#namesOnly },
      {
        clock: this.#ports.clock,
        table: this.#table,
        send: (request, versions) => stream.send(request, versions),
        giveUp: (reason) => stream.close(reason),
        onTaken: (put, dropped) => status.taken(session, put, dropped),
        onRefused: (reason) => status.refused(reason),
        onSynced: () => this.#synced(session),
        onCluster: (facts) => this.#setFacts(facts),
      },
    )
    status.connecting(server)
    return {
      start: () => {
        session.start()
        this.#reporter.begin((request) => stream.send(request))
      },
      get isSynced() {
        return session.isSynced
      },
      receive: (response) => session.receive(response),
      stop: (end) => this.#ended(session, end),
    }
  }

  #synced(session: DiscoverySession): void {
    this.#status.synced(session)
    this.#confirm()
  }

  /** The saved table has the age of the last time when the controller had nothing else. */
  #confirm(): void {
    this.#cancelConfirm()
    this.#saved.confirm(this.#table.versions.size)
    this.#cancelConfirm = this.#ports.clock.after(confirmEveryMs, () => this.#confirm())
  }

  #ended(session: DiscoverySession, end: StreamEnd): void {
    session.stop()
    this.#setFacts(undefined)
    this.#reporter.end()
    if (session.isSynced) this.#saved.confirm(this.#table.versions.size)
    this.#cancelConfirm()
    // The next one asks for a name table if this one did not want to hear of anything else.
    this.#namesOnly = !this.#namesOnly && !session.hasHeard && typeRefused.has(end.code)
    this.#status.ended(end.reason, session)
  }
}

const noSidecars: readonly Sidecar[] = []

const typeRefused: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.UNIMPLEMENTED,
])
