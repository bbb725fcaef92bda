import { textsOf } from '../../documents/plain-map.ts'
import { renderClusterEnv } from './cluster-env.ts'
import { controllerAddress, controllerHostOf, type Onboarding } from './onboarding.ts'
import { groupMetadata } from './proxy-metadata.ts'
import { sortedYaml } from './sorted-yaml.ts'

/** What a machine is given besides its secrets, by file name. */
export interface OnboardingTexts {
  readonly 'cluster.env': string
  readonly 'mesh.yaml': string
  /** Empty when nobody knows where the controller is reached. */
  readonly hosts: string
}

/**
 * What `workload entry configure` writes, as text: what was said of the machine's proxy, under what
 * the group says, under what was asked for.
 * @throws {VariableError} when a variable cannot be written down.
 */
export function renderOnboarding(onboarding: Onboarding): OnboardingTexts {
  const { group, wishes } = onboarding
  // How a machine is probed is the group's business alone, as in Istio.
  const { readinessProbe: _, proxyMetadata, ...config } = onboarding.proxyConfig
  const said = textsOf(proxyMetadata)
  const metadata = { ...said, ...groupMetadata(onboarding) }
  const defaultConfig = {
    discoveryAddress: controllerAddress(wishes),
    ...config,
    proxyMetadata: metadata,
    ...(group.probe ? { readinessProbe: group.probe } : {}),
  }
  return {
    'cluster.env': renderClusterEnv(onboarding, metadata),
    'mesh.yaml': sortedYaml({ defaultConfig, ...policyOf(onboarding) }),
    hosts: wishes.ingressAddress ? `${wishes.ingressAddress} ${controllerHostOf(wishes)}\n` : '',
  }
}

/** Machines learn of it by no other way. */
function policyOf({ registryOnly }: Onboarding) {
  return registryOnly ? { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } : {}
}
