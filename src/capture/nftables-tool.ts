import { type AddressSet, noAddresses } from './address-set.ts'
import {
  nftablesRemoval,
  nftablesTable,
  renderAddressUpdate,
  renderElements,
  renderNftables,
} from './nftables.ts'
import type { CapturePlan } from './plan.ts'
import type { RuleCount, RuleTool } from './rule-tool.ts'
import { CaptureRefusedError, type RunTool } from './run-tool.ts'

const fromInput = ['nft', '-f', '-']

/** Rules through `nft`. */
export class NftablesTool implements RuleTool {
  readonly name = 'nftables'
  readonly #run: RunTool
  #inForce: CapturePlan | undefined

  constructor(run: RunTool) {
    this.#run = run
  }

  async load(plan: CapturePlan): Promise<void> {
    try {
      await this.#run(fromInput, renderNftables(plan))
    } catch (error) {
      if (!isTooLong(error)) throw error
      await this.#loadInParts(plan)
    }
    this.#inForce = plan
  }

  async changeAddresses(plan: CapturePlan, addresses: AddressSet): Promise<void> {
    const next = { ...plan, addresses }
    const update = renderAddressUpdate(plan.addresses, addresses)
    if (update === undefined) return this.load(next)
    if (update !== '') await this.#run(fromInput, update)
    this.#inForce = next
  }

  async unload(): Promise<void> {
    this.#inForce = undefined
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

  /** Several transactions; what came before a failure is undone. */
  async #loadInParts(plan: CapturePlan): Promise<void> {
    const before = this.#inForce
    try {
      await this.#run(fromInput, renderNftables({ ...plan, addresses: noAddresses }))
      for (const part of renderElements('add', plan.addresses)) {
        await this.#run(fromInput, part)
      }
    } catch (error) {
      await (before ? this.load(before) : this.unload()).catch(() => {})
      throw error
    }
  }
}

/** One transaction has to fit into a socket buffer, which only CAP_NET_ADMIN outside of user namespaces enlarges. */
function isTooLong(error: unknown): boolean {
  return error instanceof CaptureRefusedError && /message too long/i.test(String(error.cause))
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
