import { familyOf, type IpFamily } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import type { AddressSet } from './address-set.ts'
import { addressesChain, type Leftovers, outputChain } from './iptables-leftovers.ts'
import type { CapturePlan } from './plan.ts'
import { type Rule, rulesOf, type Verdict } from './rules.ts'

/**
 * The input of `iptables-restore --noflush` (6: `ip6tables-restore`) that puts the plan in force.
 *
 * Chains of ours are filled anew; jumps that `leftovers` counts are taken out before the one is put
 * in. Each table is one transaction, so both versions of a rule are never there at once.
 */
export function renderIptables(plan: CapturePlan, family: IpFamily, leftovers: Leftovers): string {
  const rules = rulesOf(plan)
  const own = (rule: Rule) => familyOfRule(rule) === undefined || familyOfRule(rule) === family
  const addresses = addressRules(plan.addresses, plan.relayPort, family)
  const zones = rules.zones.filter(own).map(renderRule)
  const output = rules.output.filter(own).map(renderRule)
  const raw = renderTable('raw', leftovers.raw.jumps, [[outputChain, zones]])
  const nat = renderTable('nat', leftovers.nat.jumps, [
    [outputChain, output],
    [addressesChain, addresses],
  ])
  // Each table is in force before the next is read: at no time is a question redirected outside of
  // its zone, or the agent's answer to it would not find back.
  const catches = rules.zones.some(({ port }) => port === 53)
  return [...(catches ? [...raw, ...nat] : [...nat, ...raw]), ''].join('\n')
}

/** The input of `iptables-restore --noflush` that changes the explicit addresses; refused when our chain is gone. */
export function renderIptablesAddresses(
  addresses: AddressSet,
  relayPort: number,
  family: IpFamily,
): string {
  const rules = addressRules(addresses, relayPort, family)
  return ['*nat', `-F ${addressesChain}`, ...rules, 'COMMIT', ''].join('\n')
}

function addressRules(addresses: AddressSet, relayPort: number, family: IpFamily): string[] {
  return addresses
    .filter(({ network }) => familyOf(network) === family)
    .map(
      (prefix) =>
        `-A ${addressesChain} -d ${formatPrefix(prefix)} -p tcp -j REDIRECT --to-ports ${relayPort}`,
    )
}

type Chain = readonly [name: string, rules: readonly string[]]

function renderTable(table: string, jumps: number, chains: readonly Chain[]): string[] {
  return [
    `*${table}`,
    ...chains.map(([name]) => `:${name} - [0:0]`),
    ...Array<string>(jumps).fill(`-D OUTPUT -j ${outputChain}`),
    ...chains.flatMap(([, rules]) => rules),
    `-I OUTPUT 1 -j ${outputChain}`,
    'COMMIT',
  ]
}

function familyOfRule({ family, to }: Rule): IpFamily | undefined {
  return typeof to === 'object' ? familyOf(to.network) : family
}

function renderRule(rule: Rule): string {
  const { protocol, port, sourcePort, to } = rule
  return [
    `-A ${outputChain}`,
    rule.local ? '-o lo' : '',
    rule.outInterface === undefined ? '' : `-o ${rule.outInterface}`,
    typeof to === 'object' ? `-d ${formatPrefix(to)}` : '',
    protocol === undefined ? '' : `-p ${protocol}`,
    port === undefined ? '' : `-m ${protocol} --dport ${port}`,
    sourcePort === undefined ? '' : `-m ${protocol} --sport ${sourcePort}`,
    rule.uid === undefined ? '' : `-m owner --uid-owner ${rule.uid}`,
    rule.gid === undefined ? '' : `-m owner --gid-owner ${rule.gid}`,
    rule.mark === undefined ? '' : `-m mark --mark ${rule.mark}`,
    `-m comment --comment "${rule.name}"`,
    to === 'addresses' ? `-j ${addressesChain}` : renderVerdict(rule.verdict),
  ]
    .filter((part) => part !== '')
    .join(' ')
}

function renderVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'return':
      return '-j RETURN'
    case 'redirect':
      return `-j REDIRECT --to-ports ${verdict.port}`
    case 'zone':
      return `-j CT --zone ${verdict.zone}`
  }
}
