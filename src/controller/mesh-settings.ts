import type { ControlPlaneConfig } from '../config/control-plane-config.ts'
import { saidOfMesh } from '../config/mesh-config.ts'
import { type MeshNames, meshNames } from '../config/mesh-names.ts'
import type { IdentityOptions } from '../identity/options.ts'
import type { XdsServerOptions } from '../xds/server/options.ts'
import type { ControllerOptions } from './options.ts'

/** What of a controller's options the mesh may say as well. */
export interface ControllerSettings {
  readonly identity: IdentityOptions
  readonly xds: XdsServerOptions
  readonly names: MeshNames
  /** As it was when the options were put together. */
  readonly pilotEnv: ReadonlyMap<string, string>
}

/** The options with what the mesh says of the same things; the mesh goes over options. */
export function controllerSettings(
  options: Pick<ControllerOptions, 'identity' | 'xds' | 'clusterId'>,
  config: ControlPlaneConfig,
): ControllerSettings {
  const { identity, xds, clusterId } = options
  const { mesh, pilotEnv } = config
  const names = meshNames(config, { ...identity, clusterId })
  const saysTls = saidOfMesh(mesh, 'meshMTLS') !== undefined
  const aliases = new Set([...identity.trustDomainAliases, ...mesh.trustDomainAliases])
  return {
    identity: {
      ...identity,
      trustDomain: names.trustDomain,
      trustDomainAliases: [...aliases],
    },
    xds: { ...xds, minTlsVersion: saysTls ? mesh.minProtocolVersion : xds.minTlsVersion },
    names,
    pilotEnv,
  }
}

/** What holds from the start to the end, by the names that users know it by. */
const fixed: Readonly<Record<string, (settings: ControllerSettings) => unknown>> = {
  trustDomain: ({ identity: { trustDomain, trustDomainAliases } }) => [
    trustDomain,
    trustDomainAliases,
  ],
  'values.global.multiCluster.clusterName': ({ names }) => names.clusterId,
  'values.global.network': ({ names }) => names.network,
  'values.pilot.env': ({ pilotEnv }) =>
    JSON.stringify(Object.fromEntries(pilotEnv), [...pilotEnv.keys()].toSorted()),
}

/** Which settings of the mesh take effect only after a restart, although they changed. */
export function pendingSettings(
  running: ControllerSettings,
  wanted: ControllerSettings,
): readonly string[] {
  return Object.entries(fixed)
    .filter(([, read]) => JSON.stringify(read(running)) !== JSON.stringify(read(wanted)))
    .map(([name]) => name)
}
