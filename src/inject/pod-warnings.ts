import { isPlainMap, mapAt } from '../documents/plain-map.ts'
import { discoveryAddressOf, type Injection } from './agent-environment.ts'
import { agentId, agentName } from './containers.ts'
import { listOf, type Pod, specOf } from './pod-parts.ts'
import { lostController } from './pod-servers.ts'

/** What works otherwise than its author may expect. */
export function podWarnings(
  pod: Pod,
  injection: Omit<Injection, 'pod' | 'namespace'>,
): readonly string[] {
  const { captured, native, workload } = injection
  const spec = specOf(pod)
  const known = new Map<string, unknown>([['the pod', spec]])
  for (const container of listOf(pod, 'containers')) {
    if (container.name !== agentName) known.set(`container ${container.name}`, container)
  }
  const users = [...known].filter(([, part]) => {
    const context = mapAt(part, 'securityContext')
    return context['runAsUser'] === agentId || context['runAsGroup'] === agentId
  })
  const isJob = workload.kind === 'Job' || workload.kind === 'CronJob'
  return [
    ...(captured
      ? users.map(([name]) => `${name} runs as ${agentId}, like the agent: nothing of it is caught`)
      : []),
    ...(isJob && !native
      ? ['without native sidecars (Kubernetes 1.29) the agent keeps this Job from ending']
      : []),
    ...(captured ? groupWarnings(injection) : []),
    ...portWarnings(pod),
    ...serverWarnings(pod, injection),
  ]
}

/** Istio would leave some groups alone, or catch only some; the rules of ours know users and groups of the agent alone. */
function groupWarnings({ effective }: Pick<Injection, 'effective'>): readonly string[] {
  return ['ISTIO_OUTBOUND_OWNER_GROUPS', 'ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE']
    .filter((name) => !['', '*'].includes(effective.config.proxyMetadata.get(name) ?? ''))
    .map((name) => `proxyMetadata ${name} has no effect: connections of all groups are caught`)
}

function serverWarnings(pod: Pod, injection: Parameters<typeof podWarnings>[1]): readonly string[] {
  const { namespace } = injection.mesh
  const lost = lostController(pod, discoveryAddressOf(injection), namespace)
  if (!lost || lost.hostsFile !== undefined) return []
  const { dnsPolicy, host } = lost
  const how = 'or hostAliases must have it with the address of its Service'
  return [
    `dnsPolicy ${dnsPolicy}: the agent finds its controller only if these servers know ${host}, ${how}`,
  ]
}

/** Ports that the agent needs, and somebody else of the pod names as his. */
function portWarnings(pod: Pod): readonly string[] {
  return listOf(pod, 'containers')
    .filter(({ name }) => name !== agentName)
    .flatMap(({ name, ports }) =>
      (Array.isArray(ports) ? ports : [])
        .filter((port) => isPlainMap(port) && ownPorts.includes(Number(port['containerPort'])))
        .map((port) => {
          const { containerPort } = port as { readonly containerPort: number }
          return `container ${name} has port ${containerPort}, which the agent needs`
        }),
    )
}

const ownPorts: readonly number[] = [15_001, 15_020, 15_021, 15_053]
