import type { Path } from '../../documents/path.ts'
import type { Report } from '../../documents/report.ts'
import { checkShape } from '../../documents/shape.ts'
import type { EgressHosts } from '../../registry/sidecar.ts'
import type { Labels, ObjectMeta, SidecarObject } from '../mesh-object.ts'
import { toLabels } from '../object-meta.ts'
import type { Unparsed } from '../unparsed.ts'
import { checkEgressHosts } from './egress-hosts.ts'
import { SidecarShape } from './sidecar-shape.ts'

/** Istio: Sidecar, what some workloads of a namespace are interested in. */
export function parseSidecar({ raw, meta, report }: Unparsed): SidecarObject | undefined {
  const spec = checkShape(SidecarShape, raw['spec'] ?? {}, { path: ['spec'], report })
  if (!spec) return undefined
  const selector = checkSelector(spec, report)
  const egress = checkEgress(spec, meta, report)
  const says = [spec.egress, spec.ingress].some((list) => (list ?? []).length > 0)
  if (!says && !spec.outboundTrafficPolicy && !spec.inboundConnectionPool) {
    report.error({
      code: 'SIDECAR',
      path: ['spec'],
      message: 'the Sidecar says nothing',
      hint: 'Name at least one host in egress, such as ./*.',
    })
  }
  return { kind: 'Sidecar', meta, ...(selector ? { selector } : {}), egress }
}

function checkSelector({ workloadSelector }: SidecarShape, report: Report): Labels | undefined {
  if (!workloadSelector) return undefined
  const path = ['spec', 'workloadSelector']
  const labels = toLabels(workloadSelector.labels)
  for (const [key, value] of labels) {
    if (key !== '' && !key.includes('*') && !value.includes('*')) continue
    const message =
      key === '' ? 'a label needs a key' : `"*" is not allowed in a selector (${key}: ${value})`
    const hint = 'Name the label with its exact value.'
    report.error({ code: 'SIDECAR', path: [...path, 'labels', key], message, hint })
  }
  if (labels.size === 0) {
    report.warning({
      code: 'SIDECAR',
      path,
      message: 'the selector has no labels, so it selects every workload of the namespace',
      hint: 'Name labels, or leave workloadSelector out.',
    })
  }
  return labels
}

function checkEgress(spec: SidecarShape, meta: ObjectMeta, report: Report): readonly EgressHosts[] {
  const listeners = spec.egress ?? []
  const portless = listeners.flatMap((listener, index) => (listener?.port ? [] : [index]))
  for (const index of portless) {
    if (index === listeners.length - 1) continue
    fault(report, ['spec', 'egress', index], {
      message: 'only the last egress listener may be without a port',
      hint: 'Give it a port, or join its hosts with those of the last one.',
    })
  }
  return listeners.flatMap((listener, index) => {
    const path = ['spec', 'egress', index, 'hosts']
    const hosts = listener?.hosts ?? []
    if (hosts.length === 0) {
      fault(report, path, {
        message: 'the egress listener has no hosts',
        hint: 'Name at least one, or ~/* for none.',
      })
    }
    return checkEgressHosts(hosts, path, { report, ownNamespace: meta.namespace })
  })
}

function fault(
  report: Report,
  path: Path,
  remark: { readonly message: string; readonly hint: string },
): void {
  report.error({ code: 'SIDECAR', path, ...remark })
}
