import type { IpAddress, IpFamily } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import { type AddressSet, noAddresses } from './address-set.ts'

/** Whose questions are caught: nobody's, those for these servers, or all. */
export type DnsCapture = 'none' | { readonly nameservers: readonly IpAddress[] } | 'all'

/** Traffic that is never caught: the agent's own, above all. */
export interface Exempt {
  readonly uids: readonly number[]
  readonly gids: readonly number[]
  /** `SO_MARK` of sockets; 0 is no mark at all. */
  readonly mark?: number
}

/** Connections that are caught wherever the mesh may be: those that leave the machine to one of these. */
export interface Included {
  readonly ranges: readonly Prefix[]
  readonly ports: readonly number[]
}

/** Destinations that are never caught. */
export interface Excluded {
  /** TCP and UDP; 53 turns the capture of questions off. */
  readonly ports: readonly number[]
  /** TCP only: a nameserver in here is caught all the same. */
  readonly prefixes: readonly Prefix[]
  /** Network interfaces by which traffic leaves; nothing of it is caught. */
  readonly interfaces?: readonly string[]
}

/** What this machine's own traffic meets: the rules in a form that knows no tool. Immutable. */
export interface CapturePlan {
  readonly dns: DnsCapture
  /** Connections that the relay takes: those to mesh addresses, these besides, all that leave the machine, or every one (sandbox). */
  readonly tcp: 'virtual' | Included | 'outgoing' | 'all'
  /** Where the agent answers questions, on loopback of both families. */
  readonly agentPort: number
  /** Where the relay takes connections, on loopback of both families. */
  readonly relayPort: number
  /** Where virtual addresses come from. */
  readonly virtualPrefixes: readonly Prefix[]
  /** Explicit addresses and ranges of services, which follow the registry. */
  readonly addresses: AddressSet
  readonly exempt: Exempt
  readonly excluded: Excluded
  /** Whether the agent serves on `::1`, too; IPv6 is left alone otherwise. */
  readonly ipv6: boolean
}

/** Those whose traffic has rules. */
export function familiesOf({ ipv6 }: Pick<CapturePlan, 'ipv6'>): readonly IpFamily[] {
  return ipv6 ? [4, 6] : [4]
}

/**
 * The plan that catches nothing new, but still translates for what was caught before: answers that
 * are under way reach their clients, and relayed connections go on.
 *
 * What is left for questions has the kernel go on tracking connections: it translates nothing where no rule asks for that.
 */
export function releasedPlan(plan: CapturePlan): CapturePlan {
  return {
    ...plan,
    dns: { nameservers: [] },
    tcp: 'virtual',
    virtualPrefixes: [],
    addresses: noAddresses,
  }
}
