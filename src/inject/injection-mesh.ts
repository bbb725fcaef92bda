import type { MeshConfig } from '../config/mesh-config.ts'
import type { ProxyResource } from '../config/proxy-resource.ts'
import type { InjectorValues } from './injector-values.ts'

/** What the mesh says about pods that shall be of it. Immutable. */
export interface InjectionMesh {
  readonly mesh: MeshConfig
  /** ProxyConfig objects of all namespaces. */
  readonly proxyResources: readonly ProxyResource[]
  readonly values: InjectorValues
  /** Of the control plane; empty for the default one. */
  readonly revision: string
  /** Where the control plane lives. */
  readonly namespace: string
  /** Of this program: the tag of its image when `values` name none. */
  readonly version: string
  /** Whether the cluster has native sidecars (Kubernetes 1.29 and later). */
  readonly nativeSidecars: boolean
}

/** Whether a cluster of this version, such as `v1.31.2`, has native sidecars; one that cannot be told does. */
export function hasNativeSidecars(gitVersion: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? []
  if (major === undefined || minor === undefined) return true
  return Number(major) > 1 || Number(minor) >= 29
}
