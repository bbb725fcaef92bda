import { CodedError } from '../base/coded-error.ts'
import type { Running } from '../base/scope.ts'
import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import type { XdsServer } from '../xds/server/start-xds-server.ts'
import { restartNeeded } from './health.ts'
import { type ControllerSettings, controllerSettings, pendingSettings } from './mesh-settings.ts'
import { openStore } from './open-store.ts'
import type { ControllerOptions } from './options.ts'
import type { Shown } from './pages/debug-pages.ts'
import { type ControllerPorts, createControllerPorts } from './ports.ts'
import type { ControllerProcess } from './process.ts'
import { Publication } from './publication.ts'
import { Registrar } from './registration/registrar.ts'
import { servePages } from './serve-pages.ts'
import { type MeshServer, startServer } from './start-server.ts'
import type { MeshStore } from './store.ts'
import { WorkloadGroups } from './workload-groups.ts'

export interface Controller extends Running {
  /** Where its pages are. */
  readonly pages: SocketAddress
  /** Where agents are served. */
  addresses(): ReturnType<XdsServer['addresses']>
  /** Reads every file again now. */
  reload(): Promise<void>
}

/** It was told to stop before it served. Nothing is left running. */
export class StoppedEarlyError extends CodedError {
  override readonly code = 'CONTROLLER_STOPPED'

  constructor() {
    super('the controller was stopped before it served', {})
  }
}

/**
 * Starts a controller: when this returns, agents are served.
 *
 * Stopping tells them to go elsewhere, and keeps what must outlive it.
 * @throws {StoppedEarlyError} when `process.stopping` comes first.
 * @throws {CodedError} when a part cannot start; nothing is left running then.
 */
export async function startController(
  options: ControllerOptions,
  process: ControllerProcess,
): Promise<Controller> {
  const ports = createControllerPorts(process.clock, process.log)
  const { stopping = new AbortController().signal } = process
  const stopped = Promise.withResolvers<never>()
  const end = () => stopped.reject(new StoppedEarlyError())
  stopping.addEventListener('abort', end)
  if (stopping.aborted) end()
  try {
    return await ports.scope.whole(() =>
      Promise.race([startParts(options, process, ports), stopped.promise]),
    )
  } finally {
    stopping.removeEventListener('abort', end)
  }
}

async function startParts(
  options: ControllerOptions,
  process: ControllerProcess,
  ports: ControllerPorts,
): Promise<Controller> {
  const { scope, log, readiness } = ports
  let shown: Shown | undefined
  const { version } = process
  const pages = await servePages({ options, version, shown: () => shown }, ports)
  const store = await openStore(options, process, ports)
  const { catalog, mesh } = store
  const settings = controllerSettings(options, mesh.current())
  const { namespace: ownNamespace, mesh: atFirst } = mesh.current()
  const publication = new Publication(catalog, {
    ...placeOf(settings),
    rootNamespace: atFirst.rootNamespace,
    ownNamespace,
    ...(store.cluster ? { cluster: store.cluster } : {}),
  })
  const registrar = await startRegistrar(options, { store, process }, ports)
  const server = await startServer(settings, { store, process, publication, registrar }, ports)
  followMesh({ options, settings, publication, server, store }, ports)
  shown = { store, publication, server, families: () => process.families() }
  await store.lead?.()
  scope.onStop('readiness', () => readiness.waitFor('stopping'))
  readiness.ready()
  const { plaintext, tls } = server.addresses()
  const servers = [...plaintext, ...tls].map(formatSocketAddress)
  const address = formatSocketAddress(pages.address)
  log.info({ services: catalog.services().size, servers, address }, 'serving')
  return {
    pages: pages.address,
    addresses: () => server.addresses(),
    stop: () => scope.stop(),
    reload: () => store.reload(),
  }
}

function placeOf({ names: { clusterId, network, trustDomain } }: ControllerSettings) {
  return {
    clusterId,
    network,
    ...(trustDomain === 'cluster.local' ? {} : { trustDomain }),
  }
}

function startRegistrar(
  options: ControllerOptions,
  { store, process }: { readonly store: MeshStore; readonly process: ControllerProcess },
  ports: ControllerPorts,
): Promise<Registrar> {
  const groups = new WorkloadGroups(() => store.source.objects())
  const registrar = new Registrar(options.registration, {
    ...ports,
    store: store.entries,
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
  readonly store: Pick<MeshStore, 'mesh' | 'setDefaultExportTo'>
}

/** Puts changes of the mesh in force, or says that they wait for a restart. */
function followMesh(
  { options, settings, publication, server, store }: Following,
  { health }: ControllerPorts,
): void {
  store.mesh.follow((config) => {
    const { mesh } = config
    const wanted = controllerSettings(options, config)
    void server.adjust(wanted)
    publication.setRootNamespace(mesh.rootNamespace)
    store.setDefaultExportTo(mesh.defaultServiceExportTo)
    const pending = pendingSettings(settings, wanted)
    if (pending.length > 0) health.set(restartNeeded, pending.join(', '))
    else health.clear(restartNeeded)
  })
}
