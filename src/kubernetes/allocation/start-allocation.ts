import type { VirtualAddressOptions } from '../../allocate/options.ts'
import { poolsOf } from '../../allocate/pools.ts'
import { OneAtATime } from '../../base/one-at-a-time.ts'
import type { Running } from '../../base/scope.ts'
import type { LeaderElector } from '../leader/leader-elector.ts'
import { type AllocatorPorts, ClusterAllocator } from './cluster-allocator.ts'
import { otherAllocator } from './health.ts'
import type { ClusterAllocationOptions } from './options.ts'
import { OtherAllocator } from './other-allocator.ts'

/** A leader that begins writes at most this long after an old one ended: what it gives rests longer. */
const shortestRestMs = 60_000

/** What allocation asks of an election. */
export type Elected = Pick<LeaderElector, 'leads' | 'identity' | 'follow'>

export interface AllocationOptions {
  readonly virtualAddresses: VirtualAddressOptions
  readonly allocation: ClusterAllocationOptions
  /** The controller's own. */
  readonly namespace: string
}

export interface AllocationPorts extends Omit<AllocatorPorts, 'mayWrite'> {
  readonly elector: Elected
}

/**
 * Gives out the cluster's virtual addresses while this replica leads and nobody else does it.
 *
 * The table has been filled.
 */
export async function startAllocation(
  { virtualAddresses, allocation, namespace }: AllocationOptions,
  ports: AllocationPorts,
): Promise<Running> {
  const { elector, health } = ports
  if (!virtualAddresses.allocate || allocation.mode === 'read') return { stop: async () => {} }
  const others =
    allocation.mode === 'auto' ? new OtherAllocator({ ...allocation, namespace }, ports) : undefined
  const isOurs = () => elector.leads && (others?.isAway ?? true)
  const allocator = new ClusterAllocator(
    {
      pools: poolsOf(virtualAddresses),
      restMs: Math.max(shortestRestMs, virtualAddresses.restSeconds * 1_000),
      namespace,
      identity: elector.identity,
      writesPerSecond: allocation.writesPerSecond,
    },
    { ...ports, mayWrite: isOurs },
  )
  let stopped = false
  const changes = new OneAtATime(async () => {
    const found = others?.found
    if (found === undefined) health.clear(otherAllocator)
    else health.set(otherAllocator, `${found} renews its lease istio-ip-autoallocate`)
    if (isOurs() && !stopped) allocator.begin()
    else await allocator.end()
  })
  elector.follow(() => void changes.run())
  others?.follow(() => void changes.run())
  if (others) await others.start()
  else await changes.run()
  return {
    async stop() {
      stopped = true
      await others?.stop()
      await changes.idle()
      await allocator.stop()
      health.clear(otherAllocator)
    },
  }
}
