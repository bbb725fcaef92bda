import type { ClusterAccess } from './cluster-access.ts'
import type { ClusterClient } from './cluster-client.ts'

/** A client that is loaded, and told which cluster it is for, by its first call. */
export function lateClient(openAccess: () => Promise<ClusterAccess>) {
  let opened: Promise<ClusterClient> | undefined
  const open = () => {
    opened ??= load(openAccess)
    return opened
  }
  return {
    /** @throws what `openAccess` throws. */
    open,
    call: async (call) => (await open()).call(call),
    watch: async (watch) => (await open()).watch(watch),
  } satisfies Pick<ClusterClient, 'call' | 'watch'> & { open: () => Promise<ClusterClient> }
}

async function load(openAccess: () => Promise<ClusterAccess>): Promise<ClusterClient> {
  const [{ ClusterClient: Client }, access] = await Promise.all([
    import('./cluster-client.ts'),
    openAccess(),
  ])
  return new Client(access)
}
