import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import type { ControllerTable } from './controller-table.ts'
import {
  controllerRefused,
  controllerUnreachable,
  resourcesUnusable,
  workloadDiscoveryMissing,
} from './health.ts'
import {
  controllerReceived,
  controllerResources,
  controllerResponses,
  controllerTableAge,
} from './meters.ts'

/** How far a table can be relied on. */
export type TableState =
  /** It is what the controller has. */
  | { readonly kind: 'fresh' }
  /** It was, so long ago. */
  | { readonly kind: 'stale'; readonly ageSeconds: number }
  /** There was never one. */
  | { readonly kind: 'never synced' }

/** The session as far as it is told of. */
interface SessionFacts {
  readonly server: string
  readonly isSynced: boolean
  readonly refused: number
}

export interface StatusPorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
}

/** Resources of which the debug page says what is wrong with them. */
const maxListed = 1_000
/** Failures in a row before people are told. */
const toleratedFailures = 3
/** Refusals are logged no more often. */
const logEveryMs = 10_000

/** Keeps account of a controller for probes, meters, health and people. */
export class SourceStatus {
  readonly #table: ControllerTable
  readonly #ports: StatusPorts
  /** On the clock; `undefined` when the table was never whole. */
  #goodAtMs: number | undefined
  #isFresh = false
  #address = ''
  #server = ''
  #failures = 0
  #nacks = 0
  #lastAckMs: number | undefined
  #lastRefusal = ''
  #lastEnd = ''
  #loggedAtMs = Number.NEGATIVE_INFINITY

  constructor(table: ControllerTable, ports: StatusPorts) {
    this.#table = table
    this.#ports = ports
    ports.meters.reading(controllerResources, () => table.versions.size)
    ports.meters.reading(controllerTableAge, () => this.#ageSeconds() ?? -1)
  }

  state(): TableState {
    if (this.#isFresh) return { kind: 'fresh' }
    const ageSeconds = this.#ageSeconds()
    return ageSeconds === undefined ? { kind: 'never synced' } : { kind: 'stale', ageSeconds }
  }

  describe(): Readonly<Record<string, unknown>> {
    const { clock } = this.#ports
    const lastAckAt = this.#lastAckMs === undefined ? {} : { lastAck: isoTime(this.#lastAckMs) }
    return {
      table: this.state().kind,
      ageSeconds: this.#ageSeconds(),
      kind: this.#table.kind,
      resources: this.#table.versions.size,
      hosts: this.#table.inForce.services().size,
      hash: this.#table.hash,
      unusable: Object.fromEntries([...this.#table.unusable].slice(0, maxListed)),
      address: this.#address,
      server: this.#server,
      ...lastAckAt,
      refusedResponses: this.#nacks,
      lastRefusal: this.#lastRefusal || undefined,
      failedAttempts: this.#failures,
      lastEnd: this.#lastEnd || undefined,
      time: isoTime(clock.wall()),
    }
  }

  /** The saved table is in force, good so many milliseconds after 1970; or there is none. */
  loaded(goodAtMs: number | undefined): void {
    const { clock, log } = this.#ports
    if (goodAtMs === undefined) return
    this.#goodAtMs = clock.now() - Math.max(0, clock.wall() - goodAtMs)
    this.#tellKind()
    log.info({ services: this.#table.inForce.services().size }, 'the saved table is in force')
  }

  connecting(address: string): void {
    this.#address = address
  }

  taken({ refused }: SessionFacts, put: number, dropped: number): void {
    const { clock, health, meters } = this.#ports
    meters.cell(controllerResponses, 'taken').value += 1
    meters.cell(controllerReceived, 'put').value += put
    meters.cell(controllerReceived, 'dropped').value += dropped
    this.#lastAckMs = clock.wall()
    if (refused === 0) health.clear(controllerRefused)
    this.#tellUnusable()
  }

  refused(reason: string): void {
    const { clock, health, log, meters } = this.#ports
    meters.cell(controllerResponses, 'refused').value += 1
    this.#nacks += 1
    this.#lastRefusal = reason
    const server = this.#address
    health.set(controllerRefused, `${server}: ${reason}`)
    if (clock.now() - this.#loggedAtMs < logEveryMs) return
    this.#loggedAtMs = clock.now()
    log.warn({ server, reason, count: this.#nacks }, 'a response of the controller was refused')
  }

  synced({ server }: SessionFacts): void {
    const { health, log } = this.#ports
    this.#server = server
    this.#failures = 0
    health.clear(controllerUnreachable)
    this.#tellKind()
    if (this.#isFresh) return
    this.#isFresh = true
    const services = this.#table.inForce.services().size
    log.info({ server: this.#address, name: server, services }, 'the table is the controller’s')
  }

  ended(reason: string, { isSynced }: SessionFacts): void {
    if (isSynced) {
      this.#goodAtMs = this.#ports.clock.now()
      this.#ports.log.info({ server: this.#address, reason }, 'the controller is gone')
    }
    this.#isFresh = false
    this.#lastEnd = reason
    if (!isSynced) this.failed(`${this.#address}: ${reason}`)
  }

  /** There was no stream, or none that was of use. */
  failed(reason: string): void {
    const { health, log } = this.#ports
    this.#failures += 1
    this.#lastEnd = reason
    log.debug({ reason, attempts: this.#failures }, 'no controller')
    if (this.#failures === toleratedFailures) health.set(controllerUnreachable, reason)
  }

  #tellKind(): void {
    const { health } = this.#ports
    const { kind, inForce } = this.#table
    if (kind !== 'names') health.clear(workloadDiscoveryMissing)
    else health.set(workloadDiscoveryMissing, `${inForce.services().size} hosts of a name table`)
  }

  #tellUnusable(): void {
    const { health } = this.#ports
    const { unusable } = this.#table
    const [first] = unusable
    if (!first) health.clear(resourcesUnusable)
    else health.set(resourcesUnusable, `${unusable.size}, such as ${first[0]}: ${first[1]}`)
  }

  #ageSeconds(): number | undefined {
    if (this.#isFresh) return 0
    if (this.#goodAtMs === undefined) return undefined
    return Math.floor((this.#ports.clock.now() - this.#goodAtMs) / 1_000)
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
