import { poolsOf } from '../allocate/pools.ts'
import { noAddresses } from '../capture/address-set.ts'
import type { CapturePlan } from '../capture/plan.ts'
import { familyOf } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
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
    tcp: 'virtual',
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

function unique(ids: readonly number[]): readonly number[] {
  return [...new Set(ids)]
}
