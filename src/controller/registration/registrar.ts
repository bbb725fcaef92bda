import { status } from '@grpc/grpc-js'
import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import type { Running } from '../../base/scope.ts'
import { RefusedCallError } from '../../rpc/refused-call.ts'
import type { WorkloadGroup } from '../../translate/mesh-object.ts'
import {
  type CheckedRegistrant,
  checkIdentity,
  checkRegistrant,
  GroupMissingError,
} from '../../translate/registration/check-registrant.ts'
import { entryName } from '../../translate/registration/entry-name.ts'
import {
  connectedOf,
  entryOfGroup,
  type HealthReport,
  hasLeft,
  type RegisteredEntry,
  withConnected,
  withDisconnected,
  withHealth,
} from '../../translate/registration/registered-entry.ts'
import {
  type EntryChange,
  type EntryReference,
  entryKey,
  type WorkloadEntryStore,
} from '../../translate/registration/workload-entry-store.ts'
import type { Proxy } from '../../xds/proxy.ts'
import type { ProxyConnection, ProxyFollowers } from '../../xds/server/ports.ts'
import { registrationUnsaved } from '../health.ts'
import { registeredMachines } from '../meters.ts'
import { KeptEntry } from './kept-entry.ts'
import type { RegistrationOptions } from './options.ts'
import { registrantOf } from './registrant-of.ts'

/** More machines want to register than the controller may keep. */
export class RegistrationsFullError extends RefusedCallError {
  override readonly code = 'REGISTER_FULL'
  override readonly status = status.RESOURCE_EXHAUSTED

  constructor(maxEntries: number) {
    super(`${maxEntries} machines are registered already`, {
      hint: 'Raise registration.maxEntries of the controller.',
    })
  }
}

export interface RegistrarPorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  readonly store: WorkloadEntryStore
  /** Written into the entries: who looks after them. */
  readonly controller: string
  group(reference: EntryReference): WorkloadGroup | undefined
}

/** The sweep comes after this many grace periods. */
const sweepGraces = 10

/** Looks after the WorkloadEntries of machines that register by connecting (Istio: auto-registration). */
export class Registrar implements ProxyFollowers, Running {
  readonly #options: RegistrationOptions
  readonly #ports: RegistrarPorts
  readonly #kept = new Map<string, KeptEntry>()
  readonly #unsaved = new Set<string>()
  #cancelSweep = () => {}
  #frozen = false

  constructor(options: RegistrationOptions, ports: RegistrarPorts) {
    this.#options = options
    this.#ports = ports
    ports.meters.reading(registeredMachines, () => this.#kept.size)
  }

  /**
   * Takes up what an earlier controller kept. Machines that it saw leave have one grace period to return;
   * the others, which wait for a controller, have until the sweep.
   */
  async start(): Promise<this> {
    const { store } = this.#ports
    store.follow?.((change) => this.#heard(change))
    for (const entry of await store.load()) {
      const kept = this.#keep(entry.metadata, entry)
      if (hasLeft(entry)) this.#dropLater(kept)
    }
    this.#sweepLater()
    return this
  }

  async connected(proxy: Proxy, connection: ProxyConnection): Promise<void> {
    const { enabled, healthChecks, identityCheck } = this.#options
    const known = registrantOf(proxy, connection)
    if (!known || !enabled) return
    const registrant = healthChecks ? known : { ...known, checksHealth: false }
    const { namespace } = registrant
    const group = this.#ports.group({ namespace, name: registrant.group })
    if (!group) throw new GroupMissingError(registrant)
    if (identityCheck) checkIdentity(registrant, group)
    const checked = checkRegistrant(registrant)
    const name = entryName(checked)
    const kept = this.#kept.get(entryKey({ namespace, name })) ?? this.#add({ namespace, name })
    const { entry } = kept
    kept.arrive(connection.id)
    kept.set(this.#entryOf(entry, checked, group))
    const { address } = connection
    if (!entry) this.#ports.log.info({ name, namespace, address }, 'a machine registered')
    else if (hasLeft(entry)) this.#ports.log.info({ name, namespace, address }, 'a machine is back')
    await kept.settled()
  }

  disconnected(proxy: Proxy, { id }: ProxyConnection): void {
    const kept = this.#keptOf(proxy)
    if (this.#frozen || !kept?.entry || !kept.leave(id)) return
    kept.set(withDisconnected(kept.entry, this.#ports.clock.wall()))
    this.#dropLater(kept)
  }

  healthReported(proxy: Proxy, report: HealthReport): void {
    const kept = this.#keptOf(proxy)
    if (!kept?.entry || kept.connections.size === 0 || !this.#options.healthChecks) return
    kept.set(withHealth(kept.entry, report, this.#ports.clock.wall()))
  }

  /** From now on nobody counts as gone: when we stop, all streams end, and their machines look for a controller. */
  freeze(): void {
    this.#frozen = true
  }

  async stop(): Promise<void> {
    this.freeze()
    this.#cancelSweep()
    await Promise.all([...this.#kept.values()].map((kept) => kept.stop()))
  }

  /** An entry stays as it is for as long as its machine is not away for too long. */
  #entryOf(
    known: RegisteredEntry | undefined,
    checked: CheckedRegistrant,
    group: WorkloadGroup,
  ): RegisteredEntry {
    const { clock, controller } = this.#ports
    const connected = { atMs: clock.wall(), controller }
    if (!known) return entryOfGroup(group, checked, connected)
    const isOurs = !hasLeft(known) && connectedOf(known).controller === controller
    return isOurs ? known : withConnected(known, connected)
  }

  /** Other controllers look after entries as well, and people delete them. */
  #heard({ put, gone }: EntryChange): void {
    if (this.#frozen) return
    const { clock, controller } = this.#ports
    // The clocks of others may be ahead.
    const connectedTo = (entry: RegisteredEntry): RegisteredEntry => {
      const atMs = Math.max(clock.wall(), connectedOf(entry).atMs + 1)
      return withConnected(entry, { atMs, controller })
    }
    for (const entry of put) {
      const kept = this.#kept.get(entryKey(entry.metadata))
      if (!kept || connectedOf(entry).controller === controller) continue
      if (kept.connections.size === 0) this.#letGo(kept)
      // It left the other one; here it still is.
      else if (hasLeft(entry)) kept.set(connectedTo(entry))
    }
    for (const entry of gone) {
      const kept = this.#kept.get(entryKey(entry.metadata))
      if (kept?.entry && kept.connections.size > 0) kept.set(connectedTo(kept.entry))
    }
  }

  #letGo(kept: KeptEntry): void {
    kept.letGo()
    if (kept.connections.size === 0) this.#kept.delete(entryKey(kept.reference))
  }

  #add(reference: EntryReference): KeptEntry {
    const { maxEntries } = this.#options
    if (this.#kept.size >= maxEntries) throw new RegistrationsFullError(maxEntries)
    return this.#keep(reference, undefined)
  }

  #keep({ namespace, name }: EntryReference, saved: RegisteredEntry | undefined): KeptEntry {
    const reference = { namespace, name }
    const kept = new KeptEntry(reference, saved, {
      clock: this.#ports.clock,
      save: (entry, before) => this.#save(kept, entry, before),
    })
    this.#kept.set(entryKey(reference), kept)
    return kept
  }

  #keptOf(proxy: Proxy): KeptEntry | undefined {
    const registrant = registrantOf(proxy, {})
    if (!registrant) return undefined
    const { namespace } = registrant
    return this.#kept.get(entryKey({ namespace, name: entryName(registrant) }))
  }

  #dropLater(kept: KeptEntry): void {
    kept.unlessBackIn(this.#options.graceMs, () => this.#drop(kept))
  }

  #drop(kept: KeptEntry): void {
    this.#ports.log.info(kept.reference, 'the entry of a machine that went away is removed')
    kept.set(undefined)
  }

  async #save(
    kept: KeptEntry,
    entry: RegisteredEntry | undefined,
    before: RegisteredEntry | undefined,
  ): Promise<boolean> {
    const { store, log, health } = this.#ports
    const { reference } = kept
    const key = entryKey(reference)
    try {
      if (!entry) await store.drop(reference, before)
      else if (!(await store.put(entry))) this.#letGo(kept)
    } catch (error) {
      log.error({ ...reference, error }, 'a registered entry could not be saved')
      this.#unsaved.add(key)
      health.set(registrationUnsaved, `${key}: ${error instanceof Error ? error.message : ''}`)
      return false
    }
    if (this.#unsaved.delete(key) && this.#unsaved.size === 0) health.clear(registrationUnsaved)
    if (!entry && !kept.entry && kept.connections.size === 0) this.#kept.delete(key)
    return true
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#ports.clock.after(sweepGraces * this.#options.graceMs, () => {
      for (const kept of this.#kept.values()) {
        if (kept.entry && kept.connections.size === 0 && kept.awayMs >= this.#options.graceMs) {
          this.#drop(kept)
        }
      }
      this.#sweepLater()
    })
  }
}
