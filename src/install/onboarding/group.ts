import { CodedError } from '../../base/coded-error.ts'
import { valueAt } from '../../config/layer.ts'
import { type MeshConfig, mergeMeshConfig } from '../../config/mesh-config.ts'
import { type Finding, formatFinding } from '../../documents/finding.ts'
import { asMap, isPlainMap, type PlainMap } from '../../documents/plain-map.ts'
import type { MeshObject, WorkloadGroup } from '../../translate/mesh-object.ts'
import { proxySettingsOf } from '../../translate/workload/proxy-workload.ts'
import type { OnboardingGroup } from './onboarding.ts'

/** What a WorkloadGroup says of its machines' proxies makes no sense. */
export class GroupConfigError extends CodedError {
  override readonly code = 'INSTALL_GROUP_CONFIG'

  constructor(findings: readonly Finding[]) {
    super(findings.map(formatFinding).join('\n'), {
      hint: 'Mend the annotation proxy.istio.io/config of the WorkloadGroup.',
    })
  }
}

/** What matters of a checked WorkloadGroup to the machines that join it; `network` is that of the mesh. */
export function onboardingGroup(
  { meta, labels, template }: WorkloadGroup,
  network: string,
): OnboardingGroup {
  // The agent checks it; it is passed on with all that we do not know.
  const probe = valueAt(meta.document.value, ['spec', 'probe'])
  return {
    name: meta.name,
    namespace: meta.namespace,
    labels: { ...Object.fromEntries(labels), ...Object.fromEntries(template.labels) },
    ports: template.ports,
    network: template.network ?? network,
    ...(template.locality === undefined ? {} : { locality: template.locality }),
    serviceAccount: template.serviceAccount ?? 'default',
    ...(isPlainMap(probe) ? { probe } : {}),
  }
}

/**
 * What was said of the proxies of a group, put together in Istio's order, without built-in defaults.
 * @throws {GroupConfigError} when an annotation makes no sense.
 */
export function groupProxyConfig(
  group: WorkloadGroup,
  mesh: MeshConfig,
  objects: Iterable<MeshObject>,
): PlainMap {
  const said = mergeMeshConfig(mesh.layers.filter(({ level }) => level !== 'built-in'))
  const { effective, findings } = proxySettingsOf(group, said, objects)
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (!effective || errors.length > 0) throw new GroupConfigError(errors)
  const { tree } = effective.settings
  return asMap(tree)
}
