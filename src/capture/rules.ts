import { familyOf, type IpFamily } from '../ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { type CapturePlan, familiesOf } from './plan.ts'

export type Verdict =
  | { readonly kind: 'return' }
  | { readonly kind: 'redirect'; readonly port: number }
  /** For the way there only: answers are looked for in the default zone. */
  | { readonly kind: 'zone'; readonly zone: number }
  | { readonly kind: 'drop' }

/** One rule for traffic that leaves a local process: what is said must match, the rest may be anything. */
export interface Rule {
  /** For people and counters; printed as the rule's comment. */
  readonly name: string
  readonly family?: IpFamily
  readonly protocol?: 'udp' | 'tcp'
  readonly uid?: number
  readonly gid?: number
  readonly mark?: number
  /** Stays on this machine. */
  readonly local?: true
  /** Leaves by this one. */
  readonly outInterface?: string
  readonly port?: number
  /** An error (ICMP) about a caught question that was redirected to this port. */
  readonly refusedBy?: number
  /** A range, or the set of explicit addresses. */
  readonly to?: Prefix | 'addresses'
  readonly verdict: Verdict
}

export interface RuleSet {
  /** Before connection tracking; the first zone stays. */
  readonly zones: readonly Rule[]
  /** Address translation; the first verdict counts. */
  readonly output: readonly Rule[]
  /** Behind connection tracking. */
  readonly refusals: readonly Rule[]
}

/**
 * Conntrack zone of the questions that we catch.
 *
 * Client to agent and agent to upstream may have the same addresses and ports, and a question would
 * follow the other's entry past the redirect. Only what we catch is set apart: the agent's own questions
 * stay in the default zone. So do all answers, whoever gives them: a question that is in the zone and not redirected, or
 * the other way round, has its answer, too. No two tables change at the same time.
 *
 * Istio has zones 1 and 2, for both ways, and so had rules of ours before: a socket that goes on asking would follow what they left.
 */
export const capturedZone = 53

const returned: Verdict = { kind: 'return' }
const protocols = ['tcp', 'udp'] as const
const loopbackHosts = ['127.0.0.1/32', '::1/128'].map(parsePrefix)
const loopbackRange = parsePrefix('127.0.0.0/8')

/** The rules of a plan, in order. */
export function rulesOf(plan: CapturePlan): RuleSet {
  const families = familiesOf(plan)
  const own = (rule: Rule) => isOfSome(rule, families)
  const untouched = [...interfaceRules(plan), ...exemptRules(plan), ...excludedPortRules(plan)]
  const questions = dnsRules(plan)
  const zones = plan.dns === 'none' ? [] : [...untouched, ...zoneRules(questions)]
  const output = [...untouched, ...questions, ...tcpRules(plan)]
  return { zones: zones.filter(own), output: output.filter(own), refusals: refusalRules(plan) }
}

/** Whether it can match packets of some of these families. */
export function isOfSome({ family, to }: Rule, families: readonly IpFamily[]): boolean {
  const own = typeof to === 'object' ? familyOf(to.network) : family
  return own === undefined || families.includes(own)
}

function interfaceRules({ excluded: { interfaces = [] } }: CapturePlan): Rule[] {
  return interfaces.map((outInterface) => ({
    name: `excluded interface ${outInterface}`,
    outInterface,
    verdict: returned,
  }))
}

function exemptRules({ exempt }: CapturePlan): Rule[] {
  const { uids, gids, mark } = exempt
  return [
    ...uids.map((uid) => ({ name: `exempt user ${uid}`, uid, verdict: returned })),
    ...gids.map((gid) => ({ name: `exempt group ${gid}`, gid, verdict: returned })),
    ...(mark === undefined ? [] : [{ name: `exempt mark ${mark}`, mark, verdict: returned }]),
  ]
}

function excludedPortRules({ excluded }: CapturePlan): Rule[] {
  return excluded.ports.flatMap((port) =>
    protocols.map((protocol) => ({
      name: `excluded port ${port} ${protocol}`,
      protocol,
      port,
      verdict: returned,
    })),
  )
}

/** They come before loopback is let go, so that a stub resolver such as 127.0.0.53 is caught. */
function dnsRules({ dns, agentPort }: CapturePlan): Rule[] {
  if (dns === 'none') return []
  const verdict: Verdict = { kind: 'redirect', port: agentPort }
  const base = { port: 53, verdict }
  if (dns === 'all') {
    return protocols.flatMap((protocol) =>
      ([4, 6] as const).map((family) => ({ ...base, name: `dns ${protocol}`, family, protocol })),
    )
  }
  return protocols.flatMap((protocol) =>
    dns.nameservers.map((server) => {
      const to = { network: server, length: familyOf(server) === 4 ? 32 : 128 }
      return { ...base, name: `dns ${protocol} ${server}`, protocol, to }
    }),
  )
}

/** While no agent listens, clients wait and ask again: who is refused gives up at once. */
function refusalRules({ dns, agentPort }: CapturePlan): Rule[] {
  if (dns === 'none') return []
  const verdict: Verdict = { kind: 'drop' }
  return [{ name: 'no agent', local: true, refusedBy: agentPort, verdict }]
}

function zoneRules(questions: readonly Rule[]): Rule[] {
  return questions
    .filter(({ protocol }) => protocol === 'udp')
    .map((rule) => ({ ...rule, verdict: { kind: 'zone', zone: capturedZone } }))
}

const stays: Rule = { name: 'stays on this machine', local: true, verdict: returned }

function tcpRules(plan: CapturePlan): Rule[] {
  const verdict: Verdict = { kind: 'redirect', port: plan.relayPort }
  const tcp = { protocol: 'tcp', verdict } as const
  const leave = (to: Prefix, name: string): Rule => ({ name, to, verdict: returned })
  return [
    ...loopbackHosts.map((to) => leave(to, 'loopback')),
    ...plan.excluded.prefixes.map((to) => leave(to, `excluded range ${formatPrefix(to)}`)),
    ...plan.virtualPrefixes.map((to) => ({ ...tcp, name: `virtual ${formatPrefix(to)}`, to })),
    ...([4, 6] as const).map(
      (family): Rule => ({ ...tcp, name: 'addresses', family, to: 'addresses' }),
    ),
    ...(plan.tcp === 'virtual'
      ? []
      : [
          leave(loopbackRange, 'loopback'),
          ...(plan.tcp === 'all' ? [] : [stays]),
          ...includedRules(plan.tcp, tcp),
        ]),
  ]
}

function includedRules(
  included: Exclude<CapturePlan['tcp'], 'virtual'>,
  tcp: Pick<Rule, 'protocol' | 'verdict'>,
): Rule[] {
  const everywhere = [4, 6] as const
  if (typeof included === 'string') {
    return everywhere.map((family) => ({ ...tcp, name: 'all tcp', family }))
  }
  return [
    ...included.ports.flatMap((port) =>
      everywhere.map((family) => ({ ...tcp, name: `included port ${port}`, family, port })),
    ),
    ...included.ranges.map((to) => ({ ...tcp, name: `included ${formatPrefix(to)}`, to })),
  ]
}
