import { isRevisioned } from '../../config/mesh-names.ts'
import { formatEnvironment } from './environment-text.ts'
import { controllerAddress, type Onboarding } from './onboarding.ts'
import type { ProxyMetadata } from './proxy-metadata.ts'

/** The environment of the machine's agent, `cluster.env`. */
export function renderClusterEnv(
  { group, proxyConfig, wishes }: Onboarding,
  metadata: ProxyMetadata,
): string {
  const { ownAddress, revision } = wishes
  return formatEnvironment({
    ...metadata,
    ISTIO_INBOUND_PORTS: group.ports.size > 0 ? [...group.ports.values()].join(',') : '*',
    ISTIO_NAMESPACE: group.namespace,
    ISTIO_SERVICE: `${group.name}.${group.namespace}`,
    ISTIO_SERVICE_CIDR: '*',
    ISTIO_LOCAL_EXCLUDE_PORTS: excludedPorts(proxyConfig['statusPort']),
    SERVICE_ACCOUNT: group.serviceAccount,
    ...(isRevisioned(revision) ? { CA_ADDR: controllerAddress(wishes) } : {}),
    ...(ownAddress ? { ISTIO_SVC_IP: ownAddress.address } : {}),
    ...(ownAddress?.kind === 'external'
      ? { REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION: 'true' }
      : {}),
  })
}

/** SSH, metrics, readiness and status stay reachable, whatever is wrong with the mesh. */
function excludedPorts(statusPort: unknown): string {
  const always = [22, 15_090, 15_021]
  const status = typeof statusPort === 'number' && statusPort !== 0 ? statusPort : 15_020
  return [...always, ...(always.slice(1).includes(status) ? [] : [status])].join(',')
}
