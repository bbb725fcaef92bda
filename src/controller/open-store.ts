import { CodedError } from '../base/coded-error.ts'
import { openFilesStore } from './files/open-files-store.ts'
import type { ControllerOptions } from './options.ts'
import type { ControllerPorts } from './ports.ts'
import type { ControllerProcess } from './process.ts'
import type { MeshStore } from './store.ts'

/** The mesh is to come from files and from a cluster at the same time. */
export class TwoStoresError extends CodedError {
  override readonly code = 'CONTROLLER_TWO_STORES'

  constructor(files: readonly string[]) {
    super(`a controller of a cluster reads no files, but is given ${files.join(', ')}`, {
      hint: 'Apply the objects to the cluster and leave out --sources and --mesh-config, or leave out --kubernetes.',
    })
  }
}

/**
 * Opens the place that the mesh comes from.
 * @throws {TwoStoresError} when the options name two.
 */
export async function openStore(
  options: ControllerOptions,
  process: ControllerProcess,
  ports: ControllerPorts,
): Promise<MeshStore> {
  const { kubernetes, sources, meshConfig } = options
  if (!kubernetes.enabled) return await openFilesStore(options, ports)
  const files = [...sources, meshConfig].filter((path) => path !== '')
  if (files.length > 0) throw new TwoStoresError(files)
  // Who lives with files needs nothing of what a cluster takes.
  const { openClusterStore } = await import('./cluster/open-cluster-store.ts')
  return await openClusterStore(options, process, ports)
}
