import { z } from 'zod'
import type { Report } from '../../documents/report.ts'
import type { KubernetesPort } from '../mesh-object.ts'
import { isPortNumber } from '../port-number.ts'
import { protocolOfPort } from './port-protocol.ts'

/** A port of a Service, or of the import of one. */
export const PortShape = z.looseObject({
  port: z.number(),
  name: z.string().nullish(),
  protocol: z.string().nullish(),
  appProtocol: z.string().nullish(),
  targetPort: z.union([z.int(), z.string()]).nullish(),
})
type PortShape = z.infer<typeof PortShape>

/** The ports that make sense; the report says what is wrong with others, under this code. */
export function readPorts(
  given: readonly PortShape[],
  code: string,
  report: Report,
): readonly KubernetesPort[] {
  const ports: KubernetesPort[] = []
  for (const [index, raw] of given.entries()) {
    const path = ['spec', 'ports', index]
    if (!isPortNumber(raw.port)) {
      report.error({ code, path: [...path, 'port'], message: `${raw.port} is not a port` })
      continue
    }
    if (raw.protocol === 'SCTP') {
      const message = 'SCTP is not carried; the port has a name only'
      report.notice({ code: 'SCTP', path: [...path, 'protocol'], message })
    }
    const { port: number, name } = raw
    const protocol = protocolOfPort(raw)
    ports.push({ number, name: name ?? '', protocol, targetPort: raw.targetPort || number })
  }
  return ports
}
