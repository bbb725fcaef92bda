import type { ClusterPlace } from '../../config/cluster-object-names.ts'
import { ClusterCatalog } from '../../kubernetes/allocation/cluster-catalog.ts'
import { readEntry } from '../../kubernetes/allocation/entry.ts'
import { EntryTable } from '../../kubernetes/allocation/entry-table.ts'
import { startAllocation } from '../../kubernetes/allocation/start-allocation.ts'
import type { LeaderElector } from '../../kubernetes/leader/leader-elector.ts'
import { KubernetesSource } from '../../kubernetes/source/kubernetes-source.ts'
import { serviceEntryKind } from '../../kubernetes/source/source-kinds.ts'
import { Reflector } from '../../kubernetes/watch/reflector.ts'
import type { ReflectorState } from '../../kubernetes/watch/reflector-options.ts'
import type { ControllerOptions } from '../options.ts'
import type { MeshStore } from '../store.ts'
import type { ClusterMesh } from './cluster-mesh.ts'
import type { ClusterPorts } from './cluster-ports.ts'

export interface ClusterCatalogParts {
  readonly options: ControllerOptions
  readonly place: ClusterPlace
  readonly mesh: ClusterMesh
  /** Not started yet. */
  readonly elector: LeaderElector
}

/** Follows the objects of the cluster, with the addresses that stand in them. */
export async function startClusterCatalog(
  { options, place, mesh, elector }: ClusterCatalogParts,
  ports: ClusterPorts,
): Promise<Pick<MeshStore, 'source' | 'catalog' | 'cluster' | 'setDefaultExportTo' | 'reload'>> {
  const { scope, readiness } = ports
  const { clusterDomain, virtualAddresses, kubernetes } = options
  const translateAs = (defaultExportTo: readonly string[]) => ({
    clusterDomain,
    defaultExportTo,
    autoAllocate: virtualAddresses.allocate,
  })
  const translate = translateAs(mesh.current().mesh.defaultServiceExportTo)
  const source = new KubernetesSource(translate, ports)
  const entries = new Reflector({ kind: serviceEntryKind.watched, project: readEntry }, ports)
  const table = new EntryTable()
  entries.follow((change) => table.take(change))
  entries.followLists(() => {
    const taken = table.expectList()
    return () => taken(entries.items())
  })
  readiness.waitFor(() => waitingFor(source.states()))
  scope.onStop('service entries', () => entries.stop())
  scope.onStop('cluster', () => source.stop())
  await Promise.all([source.start(), entries.start()])
  const { allocation } = kubernetes
  const { namespace } = place
  await scope.start('virtual addresses', () =>
    startAllocation(
      { virtualAddresses, allocation, namespace },
      { ...ports, elector, table, declared: source, version: () => entries.servedVersion ?? 'v1' },
    ),
  )
  const catalog = await scope.start('catalog', () =>
    new ClusterCatalog({ ...ports, source, table }).start(),
  )
  return {
    source,
    cluster: source,
    catalog,
    setDefaultExportTo: (exportTo) => source.translateAs(translateAs(exportTo)),
    reload: () => source.reload(),
  }
}

function waitingFor(states: ReadonlyMap<string, ReflectorState>): string {
  const kinds = [...states].flatMap(([name, state]) => (state === 'waiting' ? [name] : []))
  return `waiting for the first list of ${kinds.join(', ')}`
}
