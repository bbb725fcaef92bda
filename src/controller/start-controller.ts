import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Running } from '../base/scope.ts'
import { startMeshConfigFile } from '../files/mesh-config-file.ts'
import { WorkloadEntryFolder } from '../files/workload-entry-folder.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { ControllerOptions } from './options.ts'
import { type ControllerPorts, createControllerPorts } from './ports.ts'
import { Registrar } from './registration/registrar.ts'
import { servePages } from './serve-pages.ts'
import { startCatalog } from './start-catalog.ts'
import { WorkloadGroups } from './workload-groups.ts'

/** What a controller needs of its process. */
export interface ControllerProcess {
  readonly clock: Clock
  readonly log: Log
  /** Of this controller among others: the host's name. */
  readonly name: string
}

export interface Controller extends Running {
  /** Where its pages are. */
  readonly pages: SocketAddress
  /** Reads every file again now. */
  reload(): Promise<void>
}

/** The folder of a state folder with the entries of registered machines. */
export function workloadEntryFolder(stateFolder: string): string {
  return join(stateFolder, 'workload-entries')
}

/**
 * Starts a controller: when this returns, agents are served.
 *
 * Stopping tells them to go elsewhere, and keeps what must outlive it.
 * @throws {CodedError} when a part cannot start; nothing is left running then.
 */
export async function startController(
  options: ControllerOptions,
  process: ControllerProcess,
): Promise<Controller> {
  const ports = createControllerPorts(process.clock, process.log)
  try {
    return await startParts(options, process, ports)
  } catch (error) {
    await ports.scope.stop()
    throw error
  }
}

async function startParts(
  options: ControllerOptions,
  process: ControllerProcess,
  ports: ControllerPorts,
): Promise<Controller> {
  const { scope, log } = ports
  let isReady = false
  const mesh = await scope.start('mesh configuration', () =>
    startMeshConfigFile(options.meshConfig, ports, options.files),
  )
  const store = await WorkloadEntryFolder.open(workloadEntryFolder(options.stateFolder), log)
  const { defaultServiceExportTo: defaultExportTo } = mesh.current().mesh
  const { source, catalog } = await startCatalog(
    options,
    { entries: store.path, defaultExportTo },
    ports,
  )
  const groups = new WorkloadGroups(() => source.objects())
  const registrar = new Registrar(options.registration, {
    ...ports,
    store,
    controller: process.name,
    group: (reference) => groups.get(reference),
  })
  await scope.start('registrar', () => registrar.start())
  const waiting = { ready: false, reason: 'starting' } as const
  const pages = await servePages(
    options,
    {
      source,
      catalog,
      mesh: () => mesh.current().mesh,
      readiness: () => (isReady ? { ready: true } : waiting),
    },
    ports,
  )
  isReady = true
  log.info({ services: catalog.services().size }, 'serving')
  return {
    pages: pages.address,
    stop: () => scope.stop(),
    async reload() {
      await Promise.all([mesh.reload(), catalog.reload()])
    },
  }
}
