import type { Finding } from '../../documents/finding.ts'
import { Report } from '../../documents/report.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { ServiceEntry } from '../mesh-object.ts'

/** Warns where two entries of a host, first things first, give one port different protocols (Istio: IST0177). */
export function findProtocolConflicts(
  host: Hostname,
  entries: readonly ServiceEntry[],
): readonly Finding[] {
  const findings: Finding[] = []
  const first = new Map<number, { readonly entry: ServiceEntry; readonly protocol: string }>()
  for (const entry of entries) {
    const report = new Report(entry.meta.document, entry.meta.origin)
    for (const [index, { number, protocol }] of entry.ports.entries()) {
      const known = first.get(number)
      if (!known) first.set(number, { entry, protocol })
      if (!known || known.protocol === protocol) continue
      const { namespace, name, file, line } = known.entry.meta.origin
      report.warning({
        code: 'IST0177',
        path: ['spec', 'ports', index, 'protocol'],
        message: `port ${number} of ${host} is ${protocol || 'of no protocol'} here, but ${known.protocol || 'of no protocol'} in ${namespace}/${name} (${file}:${line})`,
        hint: 'Give both the same protocol.',
      })
    }
    findings.push(...report.findings)
  }
  return findings
}
