import { familyOf, type IpFamily } from '../ip/address.ts'
import { type AddressSet, diffSets } from './address-set.ts'
import { renderIptables, renderIptablesAddresses } from './iptables.ts'
import {
  type Leftovers,
  outputChain,
  readLeftovers,
  renderIptablesRemoval,
} from './iptables-leftovers.ts'
import { type CapturePlan, familiesOf } from './plan.ts'
import type { RuleCount, RuleTool } from './rule-tool.ts'
import { CaptureToolMissingError, type RunTool } from './run-tool.ts'

const programs = { 4: 'iptables', 6: 'ip6tables' } as const
/** Seconds to wait for another program that holds the lock (legacy iptables). */
const lockSeconds = '5'

/**
 * Rules through `iptables-restore` and `ip6tables-restore`.
 *
 * Each table of each family is a transaction of its own; what came before a failure is undone.
 */
export class IptablesTool implements RuleTool {
  readonly name = 'iptables'
  readonly #run: RunTool
  #inForce: CapturePlan | undefined

  constructor(run: RunTool) {
    this.#run = run
  }

  async load(plan: CapturePlan): Promise<void> {
    const touched: IpFamily[] = []
    try {
      for (const family of familiesOf(plan)) {
        touched.push(family)
        await this.#loadFamily(plan, family)
      }
    } catch (error) {
      await this.#undo(touched)
      throw error
    }
    this.#inForce = plan
    // A run before us may have caught IPv6, too.
    if (!plan.ipv6) await this.#unloadFamily(6).catch(() => {})
  }

  async changeAddresses(plan: CapturePlan, addresses: AddressSet): Promise<void> {
    const { gone, added } = diffSets(plan.addresses, addresses)
    const changed = new Set([...gone, ...added].map(({ network }) => familyOf(network)))
    for (const family of familiesOf(plan)) {
      if (!changed.has(family)) continue
      await this.#restore(family, renderIptablesAddresses(addresses, plan.relayPort, family))
    }
    this.#inForce = { ...plan, addresses }
  }

  async unload(): Promise<void> {
    this.#inForce = undefined
    await this.#unloadFamily(4)
    try {
      await this.#unloadFamily(6)
    } catch (error) {
      // Where there is no program there are no rules of ours.
      if (!(error instanceof CaptureToolMissingError)) throw error
    }
  }

  async isLoaded(): Promise<boolean> {
    for (const family of this.#familiesInForce()) {
      const { nat } = await this.#readLeftovers(family)
      if (nat.jumps !== 1) return false
    }
    return true
  }

  async count(): Promise<readonly RuleCount[]> {
    const counts: RuleCount[] = []
    for (const family of this.#familiesInForce()) {
      const saved = await this.#run([`${programs[family]}-save`, '-c'])
      const line = new RegExp(
        `^\\[(\\d+):\\d+\\] -A ${outputChain} .*--comment (?:"([^"]*)"|(\\S+))`,
        'gm',
      )
      for (const [, packets, quoted, bare] of saved.matchAll(line)) {
        counts.push({ rule: quoted ?? bare ?? '', packets: Number(packets) })
      }
    }
    return counts
  }

  #familiesInForce(): readonly IpFamily[] {
    return familiesOf(this.#inForce ?? { ipv6: true })
  }

  async #loadFamily(plan: CapturePlan, family: IpFamily): Promise<void> {
    const leftovers = await this.#readLeftovers(family)
    await this.#restore(family, renderIptables(plan, family, leftovers))
  }

  async #unloadFamily(family: IpFamily): Promise<void> {
    const removal = renderIptablesRemoval(await this.#readLeftovers(family))
    if (removal !== '') await this.#restore(family, removal)
  }

  /** Back to what was in force; the failure that led here is the one to report. */
  async #undo(families: readonly IpFamily[]): Promise<void> {
    const before = this.#inForce
    for (const family of families) {
      const had = before !== undefined && familiesOf(before).includes(family)
      await (had ? this.#loadFamily(before, family) : this.#unloadFamily(family)).catch(() => {})
    }
  }

  async #readLeftovers(family: IpFamily): Promise<Leftovers> {
    return readLeftovers(await this.#run([`${programs[family]}-save`]))
  }

  async #restore(family: IpFamily, input: string): Promise<void> {
    await this.#run([`${programs[family]}-restore`, '--noflush', '--wait', lockSeconds], input)
  }
}
