import { AllocatingCatalog } from '../../allocate/allocating-catalog.ts'
import { poolsOf } from '../../allocate/pools.ts'
import { type FilesSource, startFilesSource } from '../../files/files-source.ts'
import { VirtualAddressStore, virtualAddressFile } from '../../files/virtual-address-store.ts'
import type { ControllerOptions } from '../options.ts'
import type { ControllerPorts } from '../ports.ts'

/** What the files declare, and the addresses of it. */
interface FilesCatalog {
  readonly source: FilesSource
  readonly catalog: AllocatingCatalog
  /** For objects that do not say who sees them, from now on. */
  readonly setDefaultExportTo: (exportTo: readonly string[]) => void
}

interface CatalogNeeds {
  /** Folder with the entries of registered machines; they come after everything that users wrote. */
  readonly entries: string
  /** For objects that do not say who sees them. */
  readonly defaultExportTo: readonly string[]
}

/** Starts following the sources; nobody hears of a virtual address before it is on disk. */
export async function startCatalog(
  options: ControllerOptions,
  { entries, defaultExportTo }: CatalogNeeds,
  ports: ControllerPorts,
): Promise<FilesCatalog> {
  const { scope, log } = ports
  const { sources, namespace, clusterDomain, files, virtualAddresses, stateFolder } = options
  const autoAllocate = virtualAddresses.allocate
  const translateAs = (exportTo: readonly string[]) => ({
    clusterDomain,
    defaultExportTo: exportTo,
    autoAllocate,
  })
  const store = await scope.start('state', () => new VirtualAddressStore(stateFolder, ports))
  const ledger = await store.load()
  const source = await scope.start('files', () =>
    startFilesSource(
      {
        paths: [...sources, entries],
        mayBeEmpty: [entries],
        files,
        parse: { defaultNamespace: namespace, autoAllocate },
        translate: translateAs(defaultExportTo),
      },
      ports,
    ),
  )
  const restMs = virtualAddresses.restSeconds * 1_000
  const allocating = { pools: poolsOf(virtualAddresses), restMs }
  const needs = { ...ports, source, save: (changed: typeof ledger) => store.save(changed) }
  const catalog = new AllocatingCatalog(allocating, ledger, needs)
  await scope.start('virtual addresses', () => catalog.start())
  const { size: count } = catalog.ledger.held
  if (ledger.held.size + ledger.resting.size === 0 && count > 0) {
    const file = virtualAddressFile(stateFolder)
    log.info(
      { file, count },
      'no virtual address was recorded: all are given out anew, oldest first',
    )
  }
  const setDefaultExportTo = (exportTo: readonly string[]) =>
    source.translateAs(translateAs(exportTo))
  return { source, catalog, setDefaultExportTo }
}
