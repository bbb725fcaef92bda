import { z } from 'zod'
import { checkShape } from '../../documents/shape.ts'
import type { WorkloadEntry } from '../mesh-object.ts'
import type { Unparsed } from '../unparsed.ts'
import { checkPortNames } from './check-port-names.ts'
import { checkWorkload } from './check-workload.ts'
import { WorkloadShape } from './workload-shape.ts'

const Status = z.looseObject({
  conditions: z
    .array(z.looseObject({ type: z.string().nullish(), status: z.string().nullish() }))
    .nullish(),
})

const healthChecked = 'proxy.istio.io/health-checks-enabled'

/** Istio: WorkloadEntry, one workload outside Kubernetes. */
export function parseWorkloadEntry(unparsed: Unparsed): WorkloadEntry | undefined {
  const { raw, meta, report } = unparsed
  const path = ['spec']
  const shape = checkShape(WorkloadShape, raw['spec'] ?? {}, { path, report })
  if (!shape) return undefined
  checkPortNames(shape, path, report)
  const spec = checkWorkload(shape, {
    code: 'WORKLOAD_ENTRY',
    path,
    report,
    names: true,
    unix: true,
    addressless: 'with-network',
  })
  const labels = new Map([...spec.labels, ...meta.labels])
  const healthy = meta.annotations.get(healthChecked) !== 'true' || isHealthy(raw['status'])
  return { kind: 'WorkloadEntry', meta, spec, labels, healthy }
}

function isHealthy(status: unknown): boolean {
  const conditions = Status.safeParse(status).data?.conditions ?? []
  return conditions.some(({ type, status: state }) => type === 'Healthy' && state === 'True')
}
