import { asMap, isPlainMap } from '../../documents/plain-map.ts'
import { familyOf, type IpAddress, tryParseIp } from '../../ip/address.ts'
import { type Hostname, tryParseHostname } from '../../registry/hostname.ts'
import type { VirtualPair } from '../../registry/virtual-addresses.ts'

/** The type of our condition; it has our domain, since the object is Istio's. */
export const conditionType = 'meshdns.io/AddressesAllocated'

/** What `status.conditions` of a ServiceEntry says of its addresses. */
export interface Condition {
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
  /** When `status` became what it is. */
  readonly lastTransitionTime: string
}

/** What stands in the `status` of a ServiceEntry, as far as we read or write it. */
export interface EntryStatus {
  readonly exists: boolean
  /** `value host`, as they stand, in their order; with what we do not understand. */
  readonly addresses: readonly string[]
  /** Of each host; of several values of a family the last one counts (Istio: GetHostAddressesFromServiceEntry). */
  readonly pairs: ReadonlyMap<Hostname, VirtualPair>
  /** How many conditions there are, ours included; `undefined` when there is no list. */
  readonly conditions: number | undefined
  /** Where ours is among them. */
  readonly conditionAt: number
  readonly condition?: Condition
}

const noPairs: ReadonlyMap<Hostname, VirtualPair> = new Map()

/** Reads what `status` holds, whatever that is; never throws. */
export function readEntryStatus(raw: unknown): EntryStatus {
  const status = asMap(raw)
  const { addresses, conditions } = status
  const list: readonly unknown[] | undefined = Array.isArray(conditions) ? conditions : undefined
  const isOurs = (one: unknown) => isPlainMap(one) && one['type'] === conditionType
  const conditionAt = list?.findIndex(isOurs) ?? -1
  const condition = conditionAt < 0 ? undefined : readCondition(list?.[conditionAt])
  return {
    exists: isPlainMap(raw),
    ...readAddresses(addresses),
    conditions: list?.length,
    conditionAt,
    ...(condition ? { condition } : {}),
  }
}

function readAddresses(raw: unknown): Pick<EntryStatus, 'addresses' | 'pairs'> {
  if (!Array.isArray(raw) || raw.length === 0) return { addresses: [], pairs: noPairs }
  const addresses: string[] = []
  const pairs = new Map<Hostname, VirtualPair>()
  for (const one of raw as readonly unknown[]) {
    const { value, host } = asMap(one)
    addresses.push(`${String(value)} ${String(host)}`)
    const address = typeof value === 'string' ? tryParseIp(value) : undefined
    const parsed = typeof host === 'string' ? tryParseHostname(host) : undefined
    if (address !== undefined && parsed !== undefined) {
      pairs.set(parsed, { ...pairs.get(parsed), [keyOf(address)]: address })
    }
  }
  return { addresses, pairs }
}

function keyOf(address: IpAddress): 'v4' | 'v6' {
  return familyOf(address) === 4 ? 'v4' : 'v6'
}

function readCondition(raw: unknown): Condition {
  const { status, reason, message, observedGeneration, lastTransitionTime } = asMap(raw)
  const generation = Number(observedGeneration)
  return {
    status: status === 'True' ? 'True' : 'False',
    reason: String(reason),
    message: String(message),
    // Istio's conditions carry 64 bit numbers, which its JSON writes as texts.
    observedGeneration: Number.isSafeInteger(generation) ? generation : 0,
    lastTransitionTime: String(lastTransitionTime),
  }
}
