import type { ServicesByHost } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { VirtualAddresses } from '../../registry/virtual-addresses.ts'
import type { Address } from '../../rpc/gen/istio/workload/workload_pb.js'

/** Makes services of resources; both maps are live. */
export interface Discovered {
  services(): ServicesByHost
  virtualAddresses(): VirtualAddresses
  /** Drops, then puts, by name; the hosts whose services or addresses are others. Does not throw. */
  apply(
    put: Iterable<{ readonly name: string; readonly resource: Address }>,
    drop: Iterable<string>,
  ): ReadonlySet<Hostname>
}
