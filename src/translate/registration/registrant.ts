import type { IpAddress } from '../../ip/address.ts'
import type { SpiffeId } from '../../rpc/spiffe-id.ts'

/** A machine that wants to be an entry of a WorkloadGroup, in its own words. Nothing of it is trusted yet. */
export interface Registrant {
  readonly namespace: string
  /** Name of the group. */
  readonly group: string
  /** First one only: others reach it there. Missing when it named none. */
  readonly address?: IpAddress
  readonly network?: string
  readonly locality?: string
  readonly labels: ReadonlyMap<string, string>
  /** Whether it will report its health; it counts as unhealthy until the first report then. */
  readonly checksHealth: boolean
  /** Who it is known to be; missing where nobody has to show. */
  readonly identity?: SpiffeId
}
