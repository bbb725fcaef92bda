import { familyOf } from '../ip/address.ts'
import { formatPrefix, type Prefix } from '../ip/prefix.ts'
import { type AddressSet, diffSets, formatPrefixes } from './address-set.ts'
import { type CapturePlan, familiesOf } from './plan.ts'
import { capturedZone, type Rule, rulesOf, type Verdict } from './rules.ts'
import { tableName } from './table-name.ts'

/** Our one table; nobody else's rules are touched. */
export const nftablesTable = `inet ${tableName}`

/** Before connection tracking (-200). */
const zonesPriority = -300
/** Before other translations (-100): a nameserver may be an address that they would turn away first. */
const outputPriority = -101
const refusalsPriority = 0

/** The input of `nft -f -` that puts the plan in force: one transaction, whatever was there before. */
export function renderNftables(plan: CapturePlan): string {
  const { zones, output, refusals } = rulesOf(plan)
  return [
    nftablesRemoval,
    `table ${nftablesTable} {`,
    ...familiesOf(plan).flatMap((family) => {
      const elements = formatPrefixes(plan.addresses, family)
      return [
        `\tset addresses${family} {`,
        `\t\ttype ipv${family}_addr`,
        '\t\tflags interval',
        ...(elements.length === 0 ? [] : [`\t\telements = { ${elements.join(', ')} }`]),
        '\t}',
      ]
    }),
    ...renderChain('zones', `filter hook output priority ${zonesPriority}`, zones),
    ...renderChain('output', `nat hook output priority ${outputPriority}`, output),
    ...renderChain('refusals', `filter hook output priority ${refusalsPriority}`, refusals),
    '}',
    '',
  ].join('\n')
}

/** The input of `nft -f -` that takes everything of ours away, also when there is nothing. */
export const nftablesRemoval = `add table ${nftablesTable}\ndelete table ${nftablesTable}`

/**
 * The input of `nft -f -` that changes the explicit addresses, in one transaction; empty when nothing
 * changes, `undefined` when so much does that `renderNftables` is the better way: the kernel is slow
 * to take out elements.
 */
export function renderAddressUpdate(before: AddressSet, after: AddressSet): string | undefined {
  const { gone, added } = diffSets(before, after)
  if (gone.length > maxRemovals || added.length > maxElements) return undefined
  return [...renderElements('delete', gone), ...renderElements('add', added)].join('')
}

/** Inputs of `nft -f -` that fill the sets, each far below what fits into a socket buffer. */
export function renderElements(verb: 'add' | 'delete', prefixes: readonly Prefix[]): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const elements = formatPrefixes(prefixes, family)
    const lines: string[] = []
    for (let at = 0; at < elements.length; at += maxElements) {
      const part = elements.slice(at, at + maxElements).join(', ')
      lines.push(`${verb} element ${nftablesTable} addresses${family} { ${part} }\n`)
    }
    return lines
  })
}

const maxElements = 1_000
const maxRemovals = 50

function renderChain(name: string, hook: string, rules: readonly Rule[]): string[] {
  if (rules.length === 0) return []
  return [
    `\tchain ${name} {`,
    `\t\ttype ${hook}; policy accept;`,
    ...rules.map((rule) => `\t\t${renderRule(rule)}`),
    '\t}',
  ]
}

function renderRule(rule: Rule): string {
  return [
    rule.uid === undefined ? '' : `meta skuid ${rule.uid}`,
    rule.gid === undefined ? '' : `meta skgid ${rule.gid}`,
    rule.mark === undefined ? '' : `meta mark ${rule.mark}`,
    rule.local ? 'oif "lo"' : '',
    rule.outInterface === undefined ? '' : `oifname "${rule.outInterface}"`,
    renderDestination(rule),
    renderPorts(rule),
    rule.refusedBy === undefined ? '' : `ct state related ct original zone ${capturedZone}`,
    'counter',
    renderVerdict(rule.verdict),
    `comment "${rule.name}"`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

function renderDestination({ to, family }: Rule): string {
  if (to === 'addresses') return `${family === 6 ? 'ip6' : 'ip'} daddr @addresses${family}`
  if (to === undefined) return family === undefined ? '' : `meta nfproto ipv${family}`
  const text = formatPrefixes([to], familyOf(to.network))[0] ?? formatPrefix(to)
  return `${familyOf(to.network) === 6 ? 'ip6' : 'ip'} daddr ${text}`
}

function renderPorts({ protocol, port }: Rule): string {
  if (protocol === undefined) return ''
  return port === undefined ? `meta l4proto ${protocol}` : `${protocol} dport ${port}`
}

function renderVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'return':
      return 'return'
    case 'redirect':
      return `redirect to :${verdict.port}`
    case 'zone':
      return `ct original zone set ${verdict.zone}`
    case 'drop':
      return 'drop'
  }
}
