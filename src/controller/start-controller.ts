import { join } from 'node:path'
import type { Running } from '../base/scope.ts'
import type { FilesSource } from '../files/files-source.ts'
import { type MeshConfigFile, startMeshConfigFile } from '../files/mesh-config-file.ts'
import { WorkloadEntryFolder } from '../files/workload-entry-folder.ts'
import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import type { XdsServer } from '../xds/server/start-xds-server.ts'
import { restartNeeded } from './health.ts'
import { type ControllerSettings, controllerSettings, pendingSettings } from './mesh-settings.ts'
import type { ControllerOptions } from './options.ts'
import { type ControllerPorts, createControllerPorts } from './ports.ts'
import type { ControllerProcess } from './process.ts'
import { Publication } from './publication.ts'
import { Registrar } from './registration/registrar.ts'
import { servePages } from './serve-pages.ts'
import { type ControllerCatalog, startCatalog } from './start-catalog.ts'
import { type MeshServer, startServer } from './start-server.ts'
import { WorkloadGroups } from './workload-groups.ts'

export interface Controller extends Running {
  /** Where its pages are. */
  readonly pages: SocketAddress
  /** Where agents are served. */
  addresses(): ReturnType<XdsServer['addresses']>
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
  const config = () => mesh.current().mesh
  const store = await WorkloadEntryFolder.open(workloadEntryFolder(options.stateFolder), log)
  const needs = { entries: store.path, defaultExportTo: config().defaultServiceExportTo }
  const started = await startCatalog(options, needs, ports)
  const { source, catalog } = started
  const { rootNamespace } = config()
  const settings = controllerSettings(options, mesh.current())
  const { clusterId, network, trustDomain } = settings.names
  // What Istio calls its only cluster.
  const place = {
    clusterId: clusterId || 'Kubernetes',
    network,
    ...(trustDomain === 'cluster.local' ? {} : { trustDomain }),
  }
  const publication = new Publication(catalog, { ...place, rootNamespace })
  const registrar = await startRegistrar(options, { store, source, process }, ports)
  const server = await startServer(settings, { options, process, publication, registrar }, ports)
  followMesh(mesh, { options, settings, publication, server, catalog: started }, ports)
  const waiting = { ready: false, reason: 'starting' } as const
  const pages = await servePages(
    options,
    {
      source,
      catalog,
      publication,
      server,
      version: process.version,
      mesh: config,
      readiness: () => (isReady ? { ready: true } : waiting),
    },
    ports,
  )
  isReady = true
  const { plaintext, tls } = server.addresses()
  const servers = [...plaintext, ...tls].map(formatSocketAddress)
  const address = formatSocketAddress(pages.address)
  log.info({ services: catalog.services().size, servers, address }, 'serving')
  return {
    pages: pages.address,
    addresses: () => server.addresses(),
    stop: () => scope.stop(),
    async reload() {
      await Promise.all([mesh.reload(), catalog.reload()])
    },
  }
}

function startRegistrar(
  options: ControllerOptions,
  needs: {
    readonly store: WorkloadEntryFolder
    readonly source: FilesSource
    readonly process: ControllerProcess
  },
  ports: ControllerPorts,
): Promise<Registrar> {
  const { store, source, process } = needs
  const groups = new WorkloadGroups(() => source.objects())
  const registrar = new Registrar(options.registration, {
    ...ports,
    store,
    controller: process.name,
    group: (reference) => groups.get(reference),
  })
  return ports.scope.start('registrar', () => registrar.start())
}

interface Following {
  readonly options: ControllerOptions
  readonly settings: ControllerSettings
  readonly publication: Publication
  readonly server: Pick<MeshServer, 'adjust'>
  readonly catalog: Pick<ControllerCatalog, 'setDefaultExportTo'>
}

/** Puts changes of the mesh in force, or says that they wait for a restart. */
function followMesh(
  file: MeshConfigFile,
  { options, settings, publication, server, catalog }: Following,
  { health }: ControllerPorts,
): void {
  file.follow((config) => {
    const { mesh } = config
    const wanted = controllerSettings(options, config)
    void server.adjust(wanted)
    publication.setRootNamespace(mesh.rootNamespace)
    catalog.setDefaultExportTo(mesh.defaultServiceExportTo)
    const pending = pendingSettings(settings, wanted)
    if (pending.length > 0) health.set(restartNeeded, pending.join(', '))
    else health.clear(restartNeeded)
  })
}
