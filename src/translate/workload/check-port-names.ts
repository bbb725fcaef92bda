import type { Path } from '../../documents/path.ts'
import type { Report } from '../../documents/report.ts'
import { isPortName } from '../port-number.ts'
import type { WorkloadShape } from './workload-shape.ts'

/** The names in the `ports` of a workload that stands by itself must be DNS labels. */
export function checkPortNames(raw: WorkloadShape, path: Path, report: Report): void {
  for (const name of Object.keys(raw.ports ?? {})) {
    if (isPortName(name)) continue
    report.error({
      code: 'WORKLOAD_ENTRY',
      path: [...path, 'ports', name],
      message: `${JSON.stringify(name)} is not a port name`,
      hint: 'Use at most 63 letters, digits and inner hyphens.',
      atKey: true,
    })
  }
}
