import { controllerHost } from '../../config/mesh-names.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import type { IpAddress } from '../../ip/address.ts'

/** What a WorkloadGroup says of the machines that join it. */
export interface OnboardingGroup {
  readonly name: string
  readonly namespace: string
  /** Of `spec.metadata`, under those of the template. */
  readonly labels: Readonly<Record<string, string>>
  /** In the order of the file. */
  readonly ports: ReadonlyMap<string, number>
  readonly network: string
  /** `REGION/ZONE/SUBZONE`. */
  readonly locality?: string
  readonly serviceAccount: string
  /** As it was written. */
  readonly probe?: PlainMap
}

/** What is asked for with the flags of `workload entry configure`. */
export interface OnboardingWishes {
  readonly clusterId: string
  /** Empty, or `default`, for the only one. */
  readonly revision: string
  /** Namespace of the controller's own name. */
  readonly istioNamespace: string
  /** False leaves what the mesh says. */
  readonly captureDns: boolean
  readonly autoRegister: boolean
  /** The address that the machine has in the mesh, where it cannot find that out. */
  readonly ownAddress?: { readonly kind: 'internal' | 'external'; readonly address: IpAddress }
  /** Where the controller is reached from the machine. */
  readonly ingressAddress?: IpAddress
}

/** All that the files of a machine are made from, besides secrets. */
export interface Onboarding {
  readonly group: OnboardingGroup
  /** What somebody said of its machines' proxies, put together: ProxyConfig, unknown fields included. */
  readonly proxyConfig: PlainMap
  readonly trustDomain: string
  /** Whether the mesh refuses connections to what it does not know. */
  readonly registryOnly: boolean
  readonly wishes: OnboardingWishes
}

/** The controller's name and port as machines of the mesh know it. */
export function controllerAddress(wishes: OnboardingWishes): string {
  return `${controllerHostOf(wishes)}:15012`
}

export function controllerHostOf({ revision, istioNamespace }: OnboardingWishes): string {
  return controllerHost({ revision, namespace: istioNamespace })
}
