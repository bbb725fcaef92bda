import { parse, YAMLError } from 'yaml'
import { CodedError } from '../../base/coded-error.ts'
import type { Labels, WorkloadGroup } from '../../translate/mesh-object.ts'
import type { ConfigTree, OnboardingGroup } from './onboarding.ts'

const annotation = 'proxy.istio.io/config'

/** The annotation `proxy.istio.io/config` of a group does not hold a ProxyConfig. */
export class GroupConfigError extends CodedError {
  override readonly code = 'INSTALL_GROUP_CONFIG'

  constructor({ meta }: WorkloadGroup, cause?: unknown) {
    const { file, line } = meta.origin
    super(
      `${file}:${line}: WorkloadGroup ${meta.namespace}/${meta.name}: ${annotation} is no ProxyConfig`,
      {
        cause,
        hint: 'Write YAML, such as `proxyMetadata: { NAME: "value" }`, into the annotation.',
      },
    )
  }
}

/**
 * What matters of a checked WorkloadGroup to the machines that join it.
 * @throws {GroupConfigError} when an annotation makes no sense.
 */
export function onboardingGroup(group: WorkloadGroup): OnboardingGroup {
  const { meta, annotations, labels, template } = group
  const probe = probeOf(meta.document.value)
  return {
    name: meta.name,
    namespace: meta.namespace,
    proxyConfigs: [meta.annotations, annotations].flatMap((map) => readProxyConfig(map, group)),
    labels: { ...Object.fromEntries(labels), ...Object.fromEntries(template.labels) },
    ports: template.ports,
    network: template.network ?? '',
    serviceAccount: template.serviceAccount ?? 'default',
    ...(probe ? { probe } : {}),
  }
}

function readProxyConfig(annotations: Labels, group: WorkloadGroup): readonly ConfigTree[] {
  const text = annotations.get(annotation)
  if (text === undefined) return []
  try {
    const value: unknown = parse(text) ?? {}
    if (isTree(value)) return [value]
  } catch (error) {
    if (error instanceof YAMLError) throw new GroupConfigError(group, error)
    throw error
  }
  throw new GroupConfigError(group)
}

/** As it was written; the agent checks it. */
function probeOf(object: unknown): ConfigTree | undefined {
  const spec = isTree(object) ? object['spec'] : undefined
  const probe = isTree(spec) ? spec['probe'] : undefined
  return isTree(probe) ? probe : undefined
}

function isTree(value: unknown): value is ConfigTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
