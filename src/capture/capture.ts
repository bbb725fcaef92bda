import type { Log } from '../base/log.ts'
import { type AddressSet, noAddresses } from './address-set.ts'
import { IptablesTool } from './iptables-tool.ts'
import { NftablesTool } from './nftables-tool.ts'
import { type CapturePlan, releasedPlan } from './plan.ts'
import type { RuleCount, RuleTool } from './rule-tool.ts'
import {
  CaptureDeniedError,
  CaptureRefusedError,
  CaptureTimeoutError,
  CaptureToolMissingError,
  type RunTool,
} from './run-tool.ts'

/** The rules of this machine (or namespace) as the agent sees them. Calls may overlap: each waits for those before. */
export interface CaptureBackend {
  /** Puts the plan in force in place of any before it, also one of a crashed run: whole, or not at all. */
  apply(plan: CapturePlan): Promise<void>
  /**
   * Has the explicit addresses follow the registry; does nothing while no plan is in force.
   *
   * Calls that come while one is at work become one.
   */
  update(addresses: AddressSet): Promise<void>
  /**
   * Catches nothing new from here on, but still translates: answers under way arrive, and relayed
   * connections go on. `remove` cuts them.
   */
  release(): Promise<void>
  /** Takes every rule of ours away; fine when there is none. */
  remove(): Promise<void>
  /** Whether the rules are still there: a firewall that starts anew may have flushed them. */
  isInForce(): Promise<boolean>
  /** What each rule has seen since it was set. */
  counts(): Promise<readonly RuleCount[]>
}

export type CaptureChoice = 'auto' | 'nftables' | 'iptables'

/** `auto` takes nftables where it works, and iptables otherwise. Nothing is run before the first call. */
export function createCapture(choice: CaptureChoice, run: RunTool, log: Log): CaptureBackend {
  const tools = [new NftablesTool(run), new IptablesTool(run)]
  return new Capture(
    tools.filter(({ name }) => choice === 'auto' || choice === name),
    log,
  )
}

class Capture implements CaptureBackend {
  readonly #tools: readonly RuleTool[]
  readonly #log: Log
  /** The last call; the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve()
  /** The tool that worked. */
  #tool: RuleTool | undefined
  /** What the tool has put in force. */
  #plan: CapturePlan | undefined
  #wantedAddresses: AddressSet = noAddresses

  constructor(tools: readonly RuleTool[], log: Log) {
    this.#tools = tools
    this.#log = log
  }

  apply(plan: CapturePlan): Promise<void> {
    return this.#inTurn(async () => {
      this.#wantedAddresses = plan.addresses
      if (this.#tool) await this.#tool.load(plan)
      else this.#tool = await this.#choose(plan)
      this.#plan = plan
    })
  }

  update(addresses: AddressSet): Promise<void> {
    this.#wantedAddresses = addresses
    return this.#inTurn(async () => {
      const wanted = this.#wantedAddresses
      if (!this.#plan || !this.#tool || this.#plan.addresses === wanted) return
      const next = { ...this.#plan, addresses: wanted }
      try {
        await this.#tool.changeAddresses(this.#plan, wanted)
      } catch (error) {
        if (!(error instanceof CaptureRefusedError)) throw error
        // Somebody has changed or flushed our rules: set them anew.
        this.#log.warn({ error }, 'capture rules were changed by others')
        await this.#tool.load(next)
      }
      this.#plan = next
    })
  }

  release(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#plan || !this.#tool) return
      await this.#tool.load(releasedPlan(this.#plan))
      this.#plan = undefined
    })
  }

  remove(): Promise<void> {
    return this.#inTurn(async () => {
      this.#plan = undefined
      const tool = this.#tool
      this.#tool = undefined
      if (tool) return tool.unload()
      const failures = await this.#clean(this.#tools)
      if (failures.length === this.#tools.length) throw mostTelling(failures)
    })
  }

  isInForce(): Promise<boolean> {
    return this.#inTurn(async () => (this.#plan && this.#tool ? this.#tool.isLoaded() : false))
  }

  counts(): Promise<readonly RuleCount[]> {
    return this.#inTurn(async () => (this.#tool ? this.#tool.count() : []))
  }

  /** Loads the plan with the first tool that takes it. */
  async #choose(plan: CapturePlan): Promise<RuleTool> {
    const failures: unknown[] = []
    for (const tool of this.#tools) {
      try {
        await tool.load(plan)
      } catch (error) {
        // That it is slow says nothing against it, and its rules may be in force from before.
        if (error instanceof CaptureTimeoutError) throw error
        failures.push(error)
        continue
      }
      this.#log.info({ mode: tool.name }, 'capture rules set')
      await this.#clean(this.#tools.filter((other) => other !== tool))
      return tool
    }
    throw mostTelling(failures)
  }

  /** Takes away what a run before us has left; the tools that could not are no obstacle. */
  async #clean(tools: readonly RuleTool[]): Promise<unknown[]> {
    const failures: unknown[] = []
    for (const tool of tools) {
      await tool.unload().catch((error: unknown) => failures.push(error))
    }
    return failures
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

/** Missing rights and refused rules say more than a missing program. */
function mostTelling(failures: readonly unknown[]): unknown {
  const present = failures.filter((error) => !(error instanceof CaptureToolMissingError))
  if (present.length === 0 && failures.length > 1) {
    return new CaptureToolMissingError(['nft', 'iptables-restore'], failures[0])
  }
  return present.find((error) => error instanceof CaptureDeniedError) ?? present[0] ?? failures[0]
}
