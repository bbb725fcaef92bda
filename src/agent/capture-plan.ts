import { poolsOf } from '../allocate/pools.ts'
import { noAddresses } from '../capture/address-set.ts'
import type { CapturePlan } from '../capture/plan.ts'
import { familyOf } from '../ip/address.ts'
import { contains, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { parseSocketAddress } from '../ip/socket-address.ts'
import { listenAddresses } from './listen-addresses.ts'
import type { AgentOptions } from './options.ts'

/** Whose traffic is never caught, besides what the options say. */
export interface Self {
  readonly uid: number
  readonly gid: number
}

/** The rules that the options ask for; nameservers and explicit addresses follow later. */
export function capturePlanOf(options: AgentOptions, { uid, gid }: Self): CapturePlan {
  const { capture, relay, listen, virtualAddresses } = options
  const pools = poolsOf(virtualAddresses)
  const dns = listenAddresses(listen).map(({ where }) => where)
  const relays = relay.listen.map(parseSocketAddress)
  // All of root's traffic must not go by unseen: then the mark alone tells ours apart.
  const isRoot = uid === 0
  return {
    dns: capture.dns === 'nameservers' ? { nameservers: [] } : capture.dns,
    // Refusing what is not known takes catching it. Root's own connections to its controller would be refused with it.
    tcp: relay.unknownDestination === 'REGISTRY_ONLY' && !isRoot ? 'outgoing' : 'virtual',
    agentPort: dns[0]?.port ?? 0,
    relayPort: relays[0]?.port ?? 0,
    virtualPrefixes: [pools.v4, pools.v6],
    addresses: noAddresses,
    exempt: {
      uids: unique([...(isRoot ? [] : [uid]), ...capture.exemptUids]),
      gids: unique([...(isRoot ? [] : [gid]), ...capture.exemptGids]),
      mark: capture.mark,
    },
    excluded: {
      ports: capture.excludedPorts,
      prefixes: capture.excludedRanges.map(parsePrefix),
    },
    ipv6: dns.some(({ address }) => familyOf(address) === 6),
  }
}

/** The ranges that connections are caught to; none when they are to everything of the mesh. */
export function includedRangesOf({
  includedRanges,
}: Pick<AgentOptions['capture'], 'includedRanges'>): readonly Prefix[] {
  return includedRanges.includes('*') ? [] : includedRanges.map(parsePrefix)
}

/** The virtual ranges that somebody who named ranges has left out; they are caught all the same. */
export function forgottenRanges(options: AgentOptions): readonly Prefix[] {
  const included = includedRangesOf(options.capture)
  if (included.length === 0) return []
  const { v4, v6 } = poolsOf(options.virtualAddresses)
  const isCovered = (prefix: Prefix) =>
    included.some((range) => range.length <= prefix.length && contains(range, prefix.network))
  return [v4, v6].filter((prefix) => !isCovered(prefix))
}

function unique(ids: readonly number[]): readonly number[] {
  return [...new Set(ids)]
}
