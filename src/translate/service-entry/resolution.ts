import type { Report } from '../../documents/report.ts'
import type { Resolution } from '../../registry/service.ts'
import type { EntryShape } from './entry-shape.ts'
import { hintForValue, nameOfValue } from './enumeration.ts'

/** In the order of their numbers. */
export const resolutions: readonly Resolution[] = [
  'NONE',
  'STATIC',
  'DNS',
  'DNS_ROUND_ROBIN',
  'DYNAMIC_DNS',
]

/** `spec.resolution` (E17); NONE when nobody said. */
export function checkResolution(spec: EntryShape, report: Report): Resolution | undefined {
  const resolution = nameOfValue(resolutions, spec.resolution)
  if (resolution) return resolution
  const value = spec.resolution ?? ''
  report.error({
    code: 'E17',
    path: ['spec', 'resolution'],
    message: `${JSON.stringify(value)} is not a resolution`,
    hint: hintForValue(resolutions, value),
  })
  return undefined
}

/** Whether endpoints are found by asking for names. */
export function isDns(resolution: Resolution): boolean {
  return resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN'
}
