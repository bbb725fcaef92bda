import { saidOfMesh } from '../config/control-plane-config.ts'
import type { MeshConfig } from '../config/mesh-config.ts'
import type { IdentityOptions } from '../identity/options.ts'
import type { XdsServerOptions } from '../xds/server/options.ts'
import type { ControllerOptions } from './options.ts'

/** What holds from the start to the end of a controller, whatever becomes of the file of the mesh. */
export interface FixedSettings {
  readonly identity: IdentityOptions
  readonly xds: XdsServerOptions
}

/** The options with what the mesh says of the same things; the mesh goes over options. */
export function fixedSettings(
  { identity, xds }: Pick<ControllerOptions, 'identity' | 'xds'>,
  mesh: MeshConfig,
): FixedSettings {
  const saysTrustDomain = saidOfMesh(mesh, 'trustDomain') !== undefined
  const saysTls = saidOfMesh(mesh, 'meshMTLS') !== undefined
  const aliases = new Set([...identity.trustDomainAliases, ...mesh.trustDomainAliases])
  return {
    identity: {
      ...identity,
      trustDomain: saysTrustDomain ? mesh.trustDomain : identity.trustDomain,
      trustDomainAliases: [...aliases],
    },
    xds: { ...xds, minTlsVersion: saysTls ? mesh.minProtocolVersion : xds.minTlsVersion },
  }
}

/** Which settings of the mesh take effect only after a restart, although they changed. */
export function pendingSettings(running: FixedSettings, wanted: FixedSettings): readonly string[] {
  const names: string[] = []
  const texts = ({ identity: { trustDomain, trustDomainAliases } }: FixedSettings) =>
    JSON.stringify([trustDomain, trustDomainAliases])
  if (texts(running) !== texts(wanted)) names.push('trustDomain')
  if (running.xds.minTlsVersion !== wanted.xds.minTlsVersion) {
    names.push('meshMTLS.minProtocolVersion')
  }
  return names
}
