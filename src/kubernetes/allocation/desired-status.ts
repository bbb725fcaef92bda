import type { Declarations } from '../../registry/catalog.ts'
import { serviceBefore } from '../../registry/service-before.ts'
import { type VirtualAddresses, virtualOwner } from '../../registry/virtual-addresses.ts'
import type { AllocationEntry } from './entry.ts'
import type { Condition } from './entry-status.ts'
import type { EntryTable } from './entry-table.ts'

/** One item of `status.addresses` (Istio: ServiceEntryAddress). */
export interface StatusAddress {
  readonly value: string
  /** As the spec spells it. */
  readonly host: string
}

/** What shall stand in the status of an entry; no condition where no host of it gets an address. */
export interface DesiredStatus {
  readonly addresses: readonly StatusAddress[]
  readonly condition?: Omit<Condition, 'lastTransitionTime'>
}

/** What else is declared of an entry's hosts. */
export interface OtherDeclarations {
  readonly table: EntryTable
  readonly declared: Pick<Declarations, 'services'>
}

/** Hosts that a message names; it counts the others. */
const namedHosts = 8

/** What the status of an entry shall say of addresses that hosts hold. */
export function desiredStatus(
  entry: AllocationEntry,
  held: VirtualAddresses,
  { table, declared }: OtherDeclarations,
): DesiredStatus {
  const addresses: StatusAddress[] = []
  const given: string[] = []
  let isBehind = false
  const troubles = new Map<'HostConflict' | 'PoolExhausted', string[]>()
  for (const [host, spelling] of entry.wanted) {
    const pair = held.get(virtualOwner(entry.namespace, host)) ?? {}
    const values = [pair.v4, pair.v6].filter((value) => value !== undefined)
    for (const value of values) addresses.push({ value, host: spelling })
    if (values.length > 0) {
      const before = serviceBefore(declared.services().get(host) ?? [], entry.namespace)
      isBehind ||= before !== undefined
      given.push(`${spelling} has ${values.join(' and ')}${before ? `, but ${before}` : ''}`)
    }
    if (values.length === 2) continue
    const rival = table
      .declaring(host, entry.namespace)
      .find((one) => one.addresses.length + one.prefixes.length > 0)
    const reason = rival ? 'HostConflict' : 'PoolExhausted'
    const trouble = rival ? `${spelling} (${rival.name})` : `${spelling} (${missingOf(pair)})`
    troubles.set(reason, [...(troubles.get(reason) ?? []), trouble])
  }
  if (entry.wanted.size === 0) return { addresses }
  const conflicts = troubles.get('HostConflict')
  const exhausted = troubles.get('PoolExhausted')
  const sentences = [
    exhausted &&
      `No virtual address is left for ${listed(exhausted)}: configure a larger range, or give explicit addresses; one is given as soon as it is free.`,
    conflicts &&
      `Another entry of the namespace gives explicit addresses to ${listed(conflicts)}: the host has these, and no virtual ones.`,
    given.length > 0 && `${listed(given)}.`,
  ].filter((sentence) => typeof sentence === 'string')
  return {
    addresses,
    condition: {
      status: troubles.size === 0 ? 'True' : 'False',
      reason: exhausted
        ? 'PoolExhausted'
        : conflicts
          ? 'HostConflict'
          : isBehind
            ? 'HostOfService'
            : 'AddressesAllocated',
      message: sentences.join(' '),
      observedGeneration: entry.generation,
    },
  }
}

function missingOf(pair: { readonly v4?: string; readonly v6?: string }): string {
  if (pair.v4 === undefined && pair.v6 === undefined) return 'IPv4 and IPv6'
  return pair.v4 === undefined ? 'IPv4' : 'IPv6'
}

function listed(texts: readonly string[]): string {
  const more = texts.length - namedHosts
  const shown = texts.slice(0, namedHosts).join(', ')
  return more > 0 ? `${shown} and ${more} more` : shown
}
