import type { Clock } from '../base/clock.ts'
import type { AddressSet } from '../capture/address-set.ts'
import type { CaptureOptions } from '../capture/options.ts'
import type { IpAddress } from '../ip/address.ts'

/** Capture as the agent sees it, whoever sets the rules. */
export interface AgentCapture {
  start(): Promise<unknown>
  /** The relay takes connections to these from now on. */
  followAddresses(addresses: AddressSet): Promise<void>
  /** Questions for these servers are ours from now on. */
  followNameservers(nameservers: readonly IpAddress[]): Promise<void>
  /** Catches nothing new; what is under way goes on until `remove`. */
  stop(): Promise<void>
  remove(): Promise<void>
}

/**
 * Capture by rules that somebody else has set, for an agent that may not set any.
 *
 * They catch for as long as there are applications, whether we are there or not: so everything goes on for a while
 * after we were told to stop.
 */
export function givenCapture(
  { lingerMs }: Pick<CaptureOptions, 'lingerMs'>,
  { clock }: { readonly clock: Clock },
): AgentCapture {
  const nothing = async () => {}
  return {
    start: nothing,
    followAddresses: nothing,
    followNameservers: nothing,
    remove: nothing,
    async stop() {
      if (lingerMs > 0) await new Promise<void>((resolve) => clock.after(lingerMs, resolve))
    },
  }
}
