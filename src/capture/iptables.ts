import { familyOf, type IpFamily } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import type { AddressSet } from './address-set.ts'
import { addressesChain, type Leftovers, noLeftovers, outputChain } from './iptables-leftovers.ts'
import type { CapturePlan } from './plan.ts'
import { isOfSome, type Rule, rulesOf, type Verdict } from './rules.ts'

/**
 * Conntrack zone of caught questions while the tables change, one after the other: those asked meanwhile are not
 * redirected by the table that decides it, and a socket that goes on asking would have the same decision again.
 */
const changingZone = 54

/**
 * The input of `iptables-restore --noflush` (6: `ip6tables-restore`) that puts the plan in force.
 *
 * Chains of ours are filled anew; jumps that are left over are taken out before the one is put
 * in. Each table is one transaction, so both versions of a rule are never there at once.
 */
export function renderIptables(
  plan: CapturePlan,
  family: IpFamily,
  leftovers: Leftovers = noLeftovers,
): string {
  const render = (rules: readonly Rule[]) =>
    rules.filter((rule) => isOfSome(rule, [family])).map(renderRule)
  const { zones, output, refusals } = rulesOf(plan)
  const changing = [...leftovers.raw.rules, ...render(zones)].map(whileChanging)
  // At no time is a question redirected outside of a zone of ours: one with the agent's port would decide for the agent.
  return [
    ...renderTable('filter', leftovers.filter.jumps, [[outputChain, render(refusals)]]),
    ...renderTable('raw', leftovers.raw.jumps, [[outputChain, changing]]),
    ...renderTable('nat', leftovers.nat.jumps, [
      [outputChain, render(output)],
      [addressesChain, addressRules(plan.addresses, plan.relayPort, family)],
    ]),
    ...renderTable('raw', 1, [[outputChain, render(zones)]]),
    '',
  ].join('\n')
}

function whileChanging(rule: string): string {
  return rule.replace(/ --zone(-orig)? \d+$/, ` --zone-orig ${changingZone}`)
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

function renderRule(rule: Rule): string {
  const { protocol, port, refusedBy, to } = rule
  return [
    `-A ${outputChain}`,
    rule.local ? '-o lo' : '',
    rule.outInterface === undefined ? '' : `-o ${rule.outInterface}`,
    typeof to === 'object' ? `-d ${formatPrefix(to)}` : '',
    protocol === undefined ? '' : `-p ${protocol}`,
    port === undefined ? '' : `-m ${protocol} --dport ${port}`,
    refusedBy === undefined
      ? ''
      : `-m conntrack --ctstate RELATED --ctproto udp --ctorigdstport 53 --ctreplsrcport ${refusedBy}`,
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
      return `-j CT --zone-orig ${verdict.zone}`
    case 'drop':
      return '-j DROP'
  }
}
