import type { ClusterWorkloadEntries } from '../../kubernetes/registration/cluster-workload-entries.ts'
import type { ClusterPorts } from './cluster-ports.ts'
import { EntryLeftovers } from './entry-leftovers.ts'
import type { Leadership } from './leadership.ts'

export interface EntriesParts {
  readonly entries: ClusterWorkloadEntries
  /** Of our pod. */
  readonly own: { readonly name: string; readonly namespace: string }
  /** How long a machine may be away. */
  readonly graceMs: number
  readonly leadership: Leadership
}

/** Waits for the entries of machines that registered, at any of the controllers; the one that leads tidies up. */
export async function startEntries(
  { entries, own, graceMs, leadership }: EntriesParts,
  ports: ClusterPorts,
): Promise<void> {
  const { scope, readiness } = ports
  readiness.waitFor('waiting for the entries of registered machines')
  await entries.start()
  const leftovers = await scope.start(
    'leftovers',
    () => new EntryLeftovers({ ...ports, entries, own, graceMs }),
  )
  leadership.follow((leads) => leftovers.lead(leads))
}
