import { startXdsServer, type XdsServer } from '../xds/server/start-xds-server.ts'
import type { ControllerSettings } from './mesh-settings.ts'
import type { ControllerPorts } from './ports.ts'
import type { ControllerProcess } from './process.ts'
import type { Publication } from './publication.ts'
import type { Registrar } from './registration/registrar.ts'
import type { MeshStore } from './store.ts'

/** What is served, and who hears of those that it is served to. */
export interface Served {
  readonly store: Pick<MeshStore, 'startIdentity'>
  readonly process: ControllerProcess
  readonly publication: Publication
  readonly registrar: Registrar
}

export interface MeshServer extends XdsServer {
  /** Puts what may change while it runs in force, for connections to come. */
  adjust(settings: ControllerSettings): Promise<void>
}

/** Starts the CA and the server of discovery; agents are served when this returns. */
export async function startServer(
  settings: ControllerSettings,
  { store, process, publication, registrar }: Served,
  ports: ControllerPorts,
): Promise<MeshServer> {
  const { scope } = ports
  const serverNames = ({ names }: ControllerSettings) => [
    ...names.serverNames,
    process.name,
    'localhost',
    '127.0.0.1',
    '::1',
  ]
  const identity = await store.startIdentity({
    options: settings.identity,
    serverNames: serverNames(settings),
  })
  const server = await scope.start('xds', () =>
    startXdsServer(settings.xds, {
      ...ports,
      authenticator: identity.authenticator,
      tls: identity.tls,
      followers: registrar,
      initial: () => publication.everything(),
      scopeOf: (proxy) => publication.scopeOf(proxy),
      nameTableOf: (proxy) => publication.nameTableOf(proxy),
      clusterOf: (proxy) => publication.clusterOf(proxy),
      services: [identity.certificateService],
    }),
  )
  publication.open(server)
  scope.onStop('registrations', () => registrar.freeze())
  return {
    ...server,
    async adjust(wanted) {
      server.setMinTlsVersion(wanted.xds.minTlsVersion)
      await identity.rename(serverNames(wanted))
    },
  }
}
