import type { Prefix } from '../ip/prefix.ts'
import { nftablesRemoval, nftablesTable, renderAddressUpdate, renderNftables } from './nftables.ts'
import type { CapturePlan } from './plan.ts'
import type { RuleCount, RuleTool } from './rule-tool.ts'
import { CaptureRefusedError, type RunTool } from './run-tool.ts'

const fromInput = ['nft', '-f', '-']

/** Rules through `nft`. */
export class NftablesTool implements RuleTool {
  readonly name = 'nftables'
  readonly #run: RunTool

  constructor(run: RunTool) {
    this.#run = run
  }

  async load(plan: CapturePlan): Promise<void> {
    await this.#run(fromInput, renderNftables(plan))
  }

  async changeAddresses(plan: CapturePlan, addresses: readonly Prefix[]): Promise<void> {
    const update = renderAddressUpdate(plan.addresses, addresses)
    if (update !== '') await this.#run(fromInput, update)
  }

  async unload(): Promise<void> {
    await this.#run(fromInput, `${nftablesRemoval}\n`)
  }

  async isLoaded(): Promise<boolean> {
    try {
      await this.#run(['nft', 'list', 'chain', ...nftablesTable.split(' '), 'output'])
      return true
    } catch (error) {
      if (error instanceof CaptureRefusedError) return false
      throw error
    }
  }

  async count(): Promise<readonly RuleCount[]> {
    const listed = await this.#run(['nft', '-j', 'list', 'table', ...nftablesTable.split(' ')])
    const { nftables = [] } = JSON.parse(listed) as Listing
    return nftables.flatMap(({ rule }) => {
      const counter = rule?.expr.find((expression) => expression.counter !== undefined)?.counter
      if (rule?.comment === undefined || counter === undefined) return []
      return [{ rule: rule.comment, packets: counter.packets }]
    })
  }
}

/** What we read of libnftables-json(5). */
interface Listing {
  readonly nftables?: readonly {
    readonly rule?: {
      readonly comment?: string
      readonly expr: readonly { readonly counter?: { readonly packets: number } }[]
    }
  }[]
}
