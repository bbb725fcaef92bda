import type { CapturePlan } from '../capture/plan.ts'
import type { ResolvConf } from '../config/resolv-conf.ts'
import { type Prefix, parsePrefix } from '../ip/prefix.ts'
import { parseSocketAddress } from '../ip/socket-address.ts'
import type { AgentOptions } from './options.ts'

/** What the capture rules need to know besides options. */
export interface CaptureFacts {
  readonly conf: ResolvConf
  readonly uid: number
  readonly gid: number
  readonly dnsPort: number
  readonly ipv6: boolean
  readonly virtualPrefixes: readonly Prefix[]
}

/** The rules that the options ask for; explicit addresses follow later. */
export function capturePlanOf({ capture, relay }: AgentOptions, facts: CaptureFacts): CapturePlan {
  const [listen = '127.0.0.1:15001'] = relay.listen
  const nameservers = facts.conf.nameservers.map(({ address }) => address)
  return {
    dns: capture.dns === 'nameservers' ? { nameservers } : capture.dns,
    tcp: 'virtual',
    agentPort: facts.dnsPort,
    relayPort: parseSocketAddress(listen).port,
    virtualPrefixes: facts.virtualPrefixes,
    addresses: [],
    exempt: {
      uids: unique([facts.uid, ...capture.exemptUids]),
      gids: unique([facts.gid, ...capture.exemptGids]),
      mark: capture.mark,
    },
    excluded: {
      ports: capture.excludedPorts,
      prefixes: capture.excludedRanges.map(parsePrefix),
    },
    ipv6: facts.ipv6,
  }
}

function unique(ids: readonly number[]): readonly number[] {
  return [...new Set(ids)]
}
