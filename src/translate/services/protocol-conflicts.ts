import type { Finding } from '../../documents/finding.ts'
import { Report } from '../../documents/report.ts'
import type { ServiceEntry } from '../mesh-object.ts'

/** Warns where two entries give different protocols for one host and port (Istio: IST0177). */
export function findProtocolConflicts(entries: readonly ServiceEntry[]): Finding[] {
  const findings: Finding[] = []
  const first = new Map<string, { readonly entry: ServiceEntry; readonly protocol: string }>()
  for (const entry of entries) {
    const report = new Report(entry.meta.document, entry.meta.origin)
    for (const host of entry.hosts) {
      for (const [index, { number, protocol }] of entry.ports.entries()) {
        const key = `${host}:${number}`
        const known = first.get(key)
        if (!known) first.set(key, { entry, protocol })
        if (!known || known.protocol === protocol) continue
        const { namespace, name, file, line } = known.entry.meta.origin
        report.warning({
          code: 'IST0177',
          path: ['spec', 'ports', index, 'protocol'],
          message: `port ${number} of ${host} is ${protocol || 'of no protocol'} here, but ${known.protocol || 'of no protocol'} in ${namespace}/${name} (${file}:${line})`,
          hint: 'Give both the same protocol.',
        })
      }
    }
    findings.push(...report.findings)
  }
  return findings
}
