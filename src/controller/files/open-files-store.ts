import { join } from 'node:path'
import { createRandom } from '../../base/random.ts'
import { startMeshConfigFile } from '../../files/mesh-config-file.ts'
import { WorkloadEntryFolder } from '../../files/workload-entry-folder.ts'
import { startControllerIdentity } from '../../identity/controller-identity.ts'
import type { ControllerOptions } from '../options.ts'
import type { ControllerPorts } from '../ports.ts'
import type { MeshStore } from '../store.ts'
import { startCatalog } from './start-catalog.ts'

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
  const { stateFolder } = options
  const mesh = await scope.start('mesh configuration', () =>
    startMeshConfigFile(options.meshConfig, ports, options.files),
  )
  const entries = await WorkloadEntryFolder.open(workloadEntryFolder(stateFolder), log)
  const { defaultServiceExportTo: defaultExportTo } = mesh.current().mesh
  const needs = { entries: entries.path, defaultExportTo }
  const { source, catalog, setDefaultExportTo } = await startCatalog(options, needs, ports)
  return {
    mesh,
    source,
    catalog,
    entries,
    setDefaultExportTo,
    startIdentity: (parts) =>
      scope.start('identity', () =>
        startControllerIdentity({ ...parts, stateFolder, ports, random: createRandom() }),
      ),
    async reload() {
      await Promise.all([mesh.reload(), catalog.reload()])
    },
  }
}
