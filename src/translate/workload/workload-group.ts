import { z } from 'zod'
import { readReadinessProbe } from '../../config/readiness-probe.ts'
import { checkShape } from '../../documents/shape.ts'
import type { WorkloadGroup } from '../mesh-object.ts'
import { toLabels } from '../object-meta.ts'
import type { Unparsed } from '../unparsed.ts'
import { checkPortNames } from './check-port-names.ts'
import { checkWorkload } from './check-workload.ts'
import { mapOf, WorkloadShape } from './workload-shape.ts'

const GroupShape = z.strictObject({
  metadata: z
    .strictObject({
      labels: mapOf(z.string(), 256).nullish(),
      annotations: mapOf(z.string(), 256).nullish(),
    })
    .nullish(),
  template: WorkloadShape,
  probe: z.looseObject({}).nullish(),
})

/** Istio: WorkloadGroup, what the WorkloadEntries of a set of machines have in common. */
export function parseWorkloadGroup(unparsed: Unparsed): WorkloadGroup | undefined {
  const { raw, meta, report } = unparsed
  const shape = checkShape(GroupShape, raw['spec'] ?? {}, { path: ['spec'], report })
  if (!shape) return undefined
  const path = ['spec', 'template']
  checkPortNames(shape.template, path, report)
  const template = checkWorkload(shape.template, {
    code: 'WORKLOAD_GROUP',
    path,
    report,
    names: true,
    unix: true,
    addressless: 'always',
  })
  const probe = shape.probe
    ? readReadinessProbe(shape.probe, { path: ['spec', 'probe'], report })
    : undefined
  return {
    kind: 'WorkloadGroup',
    meta,
    labels: toLabels(shape.metadata?.labels),
    annotations: toLabels(shape.metadata?.annotations),
    template,
    ...(probe === undefined ? {} : { probe }),
  }
}
