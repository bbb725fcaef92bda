import type { AddressSet } from './address-set.ts'
import type { CapturePlan } from './plan.ts'

/** What a rule has seen. */
export interface RuleCount {
  /** The rule's name, such as `dns udp 192.0.2.53`; a range of two tables has it twice. */
  readonly rule: string
  readonly packets: number
}

/** A way to set rules: a program of the system. Calls never overlap. */
export interface RuleTool {
  readonly name: 'nftables' | 'iptables'
  /** Puts the plan in force in place of whatever was there of ours: whole, or not at all. */
  load(plan: CapturePlan): Promise<void>
  /** Changes the explicit addresses of `plan`, which is in force. */
  changeAddresses(plan: CapturePlan, addresses: AddressSet): Promise<void>
  /** Takes everything of ours away, also what a crashed run has left; fine when there is nothing. */
  unload(): Promise<void>
  /** Whether our rules are there: another program may have flushed them. */
  isLoaded(): Promise<boolean>
  count(): Promise<readonly RuleCount[]>
}
