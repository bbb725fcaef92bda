import { renderClusterEnv } from './cluster-env.ts'
import {
  type ConfigTree,
  controllerAddress,
  controllerHost,
  type Onboarding,
} from './onboarding.ts'
import { groupMetadata, type ProxyMetadata } from './proxy-metadata.ts'
import { sortedYaml } from './sorted-yaml.ts'

/** What a machine is given besides its secrets, by file name. */
export interface OnboardingTexts {
  readonly 'cluster.env': string
  readonly 'mesh.yaml': string
  /** Empty when nobody knows where the controller is reached. */
  readonly hosts: string
}

/**
 * What `workload entry configure` writes, as text.
 *
 * Lowest to highest: the mesh, the annotation of the group, that of its workloads, the group itself,
 * the wishes.
 * @throws {VariableError} when a variable cannot be written down.
 */
export function renderOnboarding(onboarding: Onboarding): OnboardingTexts {
  const { group, mesh, wishes } = onboarding
  const merged = [mesh.defaultConfig, ...group.proxyConfigs].reduce(mergeProxyConfig)
  // How a machine is probed is the group's business alone, as in Istio.
  const { readinessProbe: _, ...config } = merged
  const metadata = { ...metadataOf(config), ...groupMetadata(onboarding) }
  const defaultConfig = {
    discoveryAddress: controllerAddress(wishes),
    ...config,
    proxyMetadata: metadata,
    ...(group.probe ? { readinessProbe: group.probe } : {}),
  }
  return {
    'cluster.env': renderClusterEnv(onboarding, metadata, config['statusPort']),
    'mesh.yaml': sortedYaml({ defaultConfig }),
    hosts: wishes.ingressAddress ? `${wishes.ingressAddress} ${controllerHost(wishes)}\n` : '',
  }
}

function mergeProxyConfig(under: ConfigTree, over: ConfigTree): ConfigTree {
  const proxyMetadata = { ...metadataOf(under), ...metadataOf(over) }
  return { ...under, ...over, proxyMetadata }
}

function metadataOf({ proxyMetadata }: ConfigTree): ProxyMetadata {
  return (proxyMetadata ?? {}) as ProxyMetadata
}
