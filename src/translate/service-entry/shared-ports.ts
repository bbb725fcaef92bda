import type { EntryContext } from './entry-context.ts'
import { isTcpFamily, namesItsHost } from './protocol.ts'
import { isDns } from './resolution.ts'

/** Several hosts on one port: E18 and W5. */
export function checkSharedPorts({ spec, resolution, report }: EntryContext): void {
  if ((spec.hosts ?? []).length < 2) return
  const hasAddresses = (spec.addresses ?? []).length > 0
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const protocol = port?.protocol?.toUpperCase() ?? ''
    const path = ['spec', 'ports', index, 'protocol']
    if (resolution !== 'NONE' && !namesItsHost(protocol)) {
      report.error({
        code: 'E18',
        path,
        message: `several hosts cannot share a port of protocol ${protocol || 'unknown'}: nothing in the traffic tells them apart`,
        hint: 'Write one ServiceEntry for each host, or set the protocol to an HTTP or TLS one.',
      })
    }
    if (isDns(resolution) && hasAddresses && isTcpFamily(protocol)) {
      report.warning({
        code: 'W5',
        path,
        message:
          'several hosts share these addresses and this TCP port; only one of them gets the traffic',
        hint: 'Write one ServiceEntry for each host.',
      })
    }
  }
}
