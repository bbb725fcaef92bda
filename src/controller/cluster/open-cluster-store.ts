import { createRandom } from '../../base/random.ts'
import { type ClusterPlace, sharedNames } from '../../config/cluster-object-names.ts'
import { type ClusterAccess, openClusterAccess } from '../../kubernetes/client/cluster-access.ts'
import { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import { LeaderElector } from '../../kubernetes/leader/leader-elector.ts'
import { ClusterWorkloadEntries } from '../../kubernetes/registration/cluster-workload-entries.ts'
import { SharedWatches } from '../../kubernetes/watch/shared-watches.ts'
import type { ControllerOptions } from '../options.ts'
import type { ControllerPorts } from '../ports.ts'
import type { ControllerProcess } from '../process.ts'
import type { MeshStore } from '../store.ts'
import { ClusterMesh } from './cluster-mesh.ts'
import { EntryLeftovers } from './entry-leftovers.ts'
import { followNamespaces } from './follow-namespaces.ts'
import { InjectionFacts } from './injection-facts.ts'
import { insistentClient } from './insistent-client.ts'
import type { KubernetesOptions } from './options.ts'
import { serveWebhooks } from './serve-webhooks.ts'
import { startClusterCatalog } from './start-cluster-catalog.ts'
import { startClusterIdentity } from './start-cluster-identity.ts'
import { startRoots } from './start-roots.ts'

/**
 * Reads the mesh from a cluster and follows it; what must outlive us is there, too.
 *
 * Any number of controllers may do so side by side. One of them leads, and writes what has to be written once.
 * @throws {ClusterAccessError} when no cluster can be found.
 */
export async function openClusterStore(
  options: ControllerOptions,
  process: ControllerProcess,
  shared: ControllerPorts,
): Promise<MeshStore> {
  const { kubernetes, stateFolder } = options
  const { name, env, version } = process
  const access = await openClusterAccess({ ...kubernetes, env })
  const ports = {
    ...shared,
    client: new ClusterClient(access),
    random: createRandom(),
    watches: new SharedWatches(),
  }
  const { scope, log, readiness } = ports
  const place = placeOf(kubernetes, access)
  const { namespace } = place
  log.info({ name: access.name, server: access.server, namespace }, 'lives with a cluster')
  const mesh = await new ClusterMesh(place, ports).start()
  const elector = new LeaderElector(
    { ...kubernetes.leader, namespace, name: sharedNames.lease, identity: name },
    ports,
  )
  const own = { name, namespace }
  // Before the catalog begins to follow what these follow as well.
  const namespaces = followNamespaces(ports)
  scope.onStop('namespaces', () => namespaces.stop())
  const entries = new ClusterWorkloadEntries(own, ports)
  scope.onStop('entries', () => entries.stop())
  const declared = await startClusterCatalog({ options, place, mesh, elector }, ports)
  const { source } = declared
  readiness.waitFor('waiting for the entries of registered machines')
  await entries.start()
  const { graceMs } = options.registration
  const leftovers = await scope.start(
    'leftovers',
    () => new EntryLeftovers({ ...ports, entries, own, graceMs }),
  )
  elector.follow((leads) => leftovers.lead(leads))
  return {
    ...declared,
    mesh,
    entries,
    async startIdentity(parts) {
      readiness.waitFor(`waiting for the CA in namespace ${namespace}`)
      const identity = await startClusterIdentity({ ...parts, namespace, stateFolder }, ports)
      await namespaces.start()
      await startRoots(
        { ca: identity.ca, namespaces, declarations: declared.catalog, namespace },
        elector,
        ports,
      )
      readiness.waitFor('waiting for what is put into pods')
      const facts = await new InjectionFacts(
        { place, mesh, source, namespaces, version },
        { client: insistentClient(ports) },
      ).start()
      await serveWebhooks(
        { options, place, identity, leadership: elector, facts, declared: declared.catalog },
        ports,
      )
      return identity
    },
    async lead() {
      await scope.start('leader', () => elector.start())
    },
  }
}

/** Outside of a cluster the namespace of a context is where its user works, not where we live. */
function placeOf({ namespace, revision }: KubernetesOptions, access: ClusterAccess): ClusterPlace {
  return { namespace: namespace || (access.isOwnPod ? access.namespace : 'istio-system'), revision }
}
