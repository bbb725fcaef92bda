import type { ControlPlaneConfig } from '../../config/control-plane-config.ts'
import type { MeshNames } from '../../config/mesh-names.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { MeshObject } from '../../translate/mesh-object.ts'

/** Whom a token is for. */
export interface TokenWish {
  readonly namespace: string
  readonly serviceAccount: string
  readonly durationSeconds: number
}

/** Where `workload entry configure` learns of the mesh: the controller's machine, or Kubernetes. */
export interface OnboardingSource {
  config(): Promise<ControlPlaneConfig>
  /** As the controller goes by them. */
  names(): Promise<MeshNames>
  /** Those that the controller reads; at least those that matter to groups of this namespace. */
  objects(namespace: string): Promise<readonly MeshObject[]>
  /** Where machines reach the controller through this service; `undefined` when that is not known. */
  ingressAddress(namespace: string, service: string): Promise<IpAddress | undefined>
  /** Whom a machine of this namespace shall believe, PEM. */
  rootCertificates(namespace: string): Promise<string>
  issueToken(wish: TokenWish): Promise<string>
}
