import { join } from 'node:path'
import { AllocatingCatalog } from '../../allocate/allocating-catalog.ts'
import type { Ledger } from '../../allocate/ledger.ts'
import { poolsOf } from '../../allocate/pools.ts'
import { createRandom } from '../../base/random.ts'
import { startFilesSource } from '../../files/files-source.ts'
import { startMeshConfigFile } from '../../files/mesh-config-file.ts'
import { VirtualAddressStore, virtualAddressFile } from '../../files/virtual-address-store.ts'
import { WorkloadEntryFolder } from '../../files/workload-entry-folder.ts'
import { startControllerIdentity } from '../../identity/controller-identity.ts'
import type { Source } from '../../registry/source.ts'
import type { ControllerOptions } from '../options.ts'
import type { ControllerPorts } from '../ports.ts'
import type { MeshStore } from '../store.ts'

/** The folder of a state folder with the entries of registered machines. */
export function workloadEntryFolder(stateFolder: string): string {
  return join(stateFolder, 'workload-entries')
}

/**
 * Reads the mesh from files and follows them; what must outlive us is in the state folder.
 * @throws {CodedError} when something in there cannot be used.
 */
export async function openFilesStore(
  options: ControllerOptions,
  ports: ControllerPorts,
): Promise<MeshStore> {
  const { scope, log } = ports
  const { stateFolder, sources, namespace, clusterDomain, files, virtualAddresses } = options
  const mesh = await scope.start('mesh configuration', () =>
    startMeshConfigFile(options.meshConfig, ports, files),
  )
  const entries = await WorkloadEntryFolder.open(workloadEntryFolder(stateFolder), log)
  const autoAllocate = virtualAddresses.allocate
  const translateAs = (defaultExportTo: readonly string[]) => ({
    clusterDomain,
    defaultExportTo,
    autoAllocate,
  })
  const source = await scope.start('files', () =>
    startFilesSource(
      {
        // The entries of machines come after everything that users wrote.
        paths: [...sources, entries.path],
        mayBeEmpty: [entries.path],
        files,
        parse: { defaultNamespace: namespace, autoAllocate },
        translate: translateAs(mesh.current().mesh.defaultServiceExportTo),
      },
      ports,
    ),
  )
  const catalog = await startCatalog(options, source, ports)
  return {
    mesh,
    source,
    catalog,
    entries,
    setDefaultExportTo: (exportTo) => source.translateAs(translateAs(exportTo)),
    startIdentity: (parts) =>
      scope.start('identity', () =>
        startControllerIdentity({ ...parts, stateFolder, ports, random: createRandom() }),
      ),
    async reload() {
      await Promise.all([mesh.reload(), catalog.reload()])
    },
  }
}

/** Gives out addresses for what the source declares; nobody hears of one before it is on disk. */
async function startCatalog(
  { stateFolder, virtualAddresses }: ControllerOptions,
  source: Source,
  ports: ControllerPorts,
): Promise<AllocatingCatalog> {
  const { scope, log } = ports
  const store = await scope.start('state', () => new VirtualAddressStore(stateFolder, ports))
  const ledger = await store.load()
  const restMs = virtualAddresses.restSeconds * 1_000
  const catalog = new AllocatingCatalog({ pools: poolsOf(virtualAddresses), restMs }, ledger, {
    ...ports,
    source,
    save: (changed: Ledger) => store.save(changed),
  })
  await scope.start('virtual addresses', () => catalog.start())
  const { size: count } = catalog.ledger.held
  if (ledger.held.size + ledger.resting.size === 0 && count > 0) {
    const file = virtualAddressFile(stateFolder)
    log.info(
      { file, count },
      'no virtual address was recorded: all are given out anew, oldest first',
    )
  }
  return catalog
}
