import { AllocatingCatalog } from '../allocate/allocating-catalog.ts'
import type { Ledger } from '../allocate/ledger.ts'
import { poolsOf } from '../allocate/pools.ts'
import { type FilesSource, startFilesSource } from '../files/files-source.ts'
import { VirtualAddressStore } from '../files/virtual-address-store.ts'
import type { Catalog } from '../registry/catalog.ts'
import type { ClusterFactsSource } from '../registry/cluster-facts.ts'
import type { TableState } from '../xds/client/source-status.ts'
import type { AgentOptions } from './options.ts'
import type { AgentPorts } from './ports.ts'

/** Where an agent's services come from. */
export interface AgentCatalog extends Catalog, Partial<ClusterFactsSource> {
  /** Asks for everything again now. */
  reload(): Promise<void>
  /** How far it can be relied on, where somebody else keeps it. */
  state?(): TableState
  /** For people who look for a mistake, where there is more to say than the services. */
  describe?(): Readonly<Record<string, unknown>>
}

/** Where virtual addresses are kept. */
export interface AddressKeeper {
  /** What is held from before. */
  readonly ledger: Ledger
  save(ledger: Ledger): Promise<void>
}

/** For the agent of a machine that has no controller: what it gives out outlives a restart. */
export async function startLoneCatalog(
  options: AgentOptions,
  ports: AgentPorts,
): Promise<AgentCatalog> {
  const { scope } = ports
  const { stateFolder } = options
  const store = await scope.start('state', () => new VirtualAddressStore(stateFolder, ports))
  const ledger = await store.load()
  return startFilesCatalog(options, { ledger, save: (changed) => store.save(changed) }, ports)
}

/** For an agent that is alone: files, and addresses that it gives out itself. */
export async function startFilesCatalog(
  options: AgentOptions,
  keeper: AddressKeeper,
  ports: AgentPorts,
): Promise<AgentCatalog> {
  const { scope } = ports
  const source = await scope.start('files', () => startFiles(options, ports))
  const pools = poolsOf(options.virtualAddresses)
  const allocating = { pools, restMs: restMsOf(options) }
  const catalog = new AllocatingCatalog(allocating, keeper.ledger, {
    ...ports,
    source,
    save: (ledger) => keeper.save(ledger),
  })
  return scope.start('virtual addresses', () => catalog.start())
}

function startFiles(options: AgentOptions, ports: AgentPorts): Promise<FilesSource> {
  const { sources, namespace, clusterDomain, files, virtualAddresses } = options
  const autoAllocate = virtualAddresses.allocate
  return startFilesSource(
    {
      paths: sources,
      files,
      parse: { defaultNamespace: namespace, autoAllocate },
      translate: { clusterDomain, defaultExportTo: ['*'], autoAllocate },
    },
    ports,
  )
}

/** A resolver may remember an address for its TTL, and an application for as long again. */
function restMsOf({ virtualAddresses, resolver }: AgentOptions): number {
  return Math.max(virtualAddresses.restSeconds, 2 * resolver.ttlSeconds) * 1_000
}
