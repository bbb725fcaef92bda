import type { MovedAddress } from '../../allocate/allocation.ts'
import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { VirtualAddresses, VirtualOwner } from '../../registry/virtual-addresses.ts'
import { virtualOwner } from '../../registry/virtual-addresses.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import { microTime } from '../leader/lease.ts'
import { type DesiredStatus, desiredStatus, type OtherDeclarations } from './desired-status.ts'
import type { AllocationEntry } from './entry.ts'
import type { EventWriter } from './event-writer.ts'
import { statusRefused } from './health.ts'
import { statusWrites } from './meters.ts'
import { patchOfStatus } from './status-patch.ts'
import { writeStatus } from './status-writer.ts'

export interface EntryWriterPorts extends OtherDeclarations {
  readonly client: Pick<ClusterClient, 'call'>
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  readonly events: EventWriter
  readonly version: () => string
}

/** What entries are brought in line with. */
export interface Standing {
  readonly held: VirtualAddresses
  readonly moved: ReadonlyMap<VirtualOwner, readonly MovedAddress[]>
}

/** Brings the status of one entry in line with what its hosts hold, and tells its users. */
export class EntryWriter {
  readonly #ports: EntryWriterPorts
  /** Why, by key. */
  readonly #refused = new Map<string, string>()

  constructor(ports: EntryWriterPorts) {
    this.#ports = ports
  }

  /** Those that there is something to write to; of the others there is nothing to complain. */
  behind(keys: readonly string[], standing: Standing): readonly string[] {
    return keys.filter((key) => {
      if (this.#isBehind(key, standing)) return true
      this.forget(key)
      return false
    })
  }

  /** No longer says what was wrong with one: it is gone, or others see to it. */
  forget(key: string): void {
    if (this.#refused.delete(key)) this.#tellRefused()
  }

  /**
   * Whether it is in line now; otherwise it must be tried again.
   * @throws {ApiFailure} when the server does not serve us at all.
   */
  async write(key: string, standing: Standing): Promise<boolean> {
    const { table, clock, meters } = this.#ports
    const entry = table.get(key)
    if (!entry) return true
    const desired = desiredStatus(entry, standing.held, this.#ports)
    // Kubernetes: meta/v1 Time has no fractions.
    const time = microTime(clock.wall()).replace(/\.\d+/, '')
    const patch = patchOfStatus(entry, desired, time)
    if (patch.length === 0) return true
    const outcome = await writeStatus(entry, patch, this.#ports)
    meters.cell(statusWrites, outcome.kind).value += 1
    switch (outcome.kind) {
      case 'gone':
        this.forget(key)
        return true
      case 'written':
        if (outcome.entry) table.learn(outcome.entry)
        this.forget(key)
        this.#announce(entry, desired, standing)
        return true
      case 'changed':
        table.learn(outcome.entry)
        return false
      case 'refused':
        this.#refused.set(key, reasonOf(outcome.error))
        this.#tellRefused()
        return false
    }
  }

  #isBehind(key: string, { held }: Standing): boolean {
    const entry = this.#ports.table.get(key)
    if (!entry) return false
    return patchOfStatus(entry, desiredStatus(entry, held, this.#ports), '').length > 0
  }

  /** One item, however many there are: what refuses one entry may refuse thousands. */
  #tellRefused(): void {
    const { health } = this.#ports
    const [first] = this.#refused
    if (!first) {
      health.clear(statusRefused)
      return
    }
    const [key, reason] = first
    const others = this.#refused.size - 1
    health.set(statusRefused, `${key}: ${reason}${others === 0 ? '' : ` (and ${others} more)`}`)
  }

  #announce(entry: AllocationEntry, desired: DesiredStatus, { moved }: Standing): void {
    const { events, log } = this.#ports
    const object = `ServiceEntry ${entry.key}`
    for (const host of entry.wanted.keys()) {
      for (const { owner, from, to, claimedBy } of moved.get(virtualOwner(entry.namespace, host)) ??
        []) {
        if (!entry.status.addresses.some((one) => one.startsWith(`${from} `))) continue
        log.info({ object, address: from, host: owner, reason: claimedBy }, 'an address was moved')
        const note = `${host} moved from ${from} to ${to ?? 'none'}, because ${claimedBy} claims that address`
        events.write(entry, { type: 'Warning', reason: 'HostConflict', note })
      }
    }
    const { condition } = desired
    if (!condition) return
    const before = entry.status.condition
    const isNews =
      before?.status !== condition.status ||
      before.reason !== condition.reason ||
      desired.addresses.some(
        ({ value }) => !entry.status.addresses.some((one) => one.startsWith(`${value} `)),
      )
    if (!isNews) return
    const { reason, message: note } = condition
    const type = reason === 'AddressesAllocated' ? 'Normal' : 'Warning'
    events.write(entry, { type, reason, note })
  }
}
