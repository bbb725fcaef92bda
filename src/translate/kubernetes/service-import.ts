import { z } from 'zod'
import { checkShape } from '../../documents/shape.ts'
import { tryParseIp } from '../../ip/address.ts'
import type { ServiceImport } from '../mesh-object.ts'
import type { Unparsed } from '../unparsed.ts'
import { PortShape, readPorts } from './service-ports.ts'

const ImportShape = z.looseObject({
  type: z.enum(['ClusterSetIP', 'Headless']).nullish(),
  ips: z.array(z.string()).nullish(),
  ports: z.array(PortShape).nullish(),
})

/** Kubernetes: ServiceImport. It has no addresses until the clusters have agreed on it. */
export function parseServiceImport({ raw, meta, report }: Unparsed): ServiceImport | undefined {
  const spec = checkShape(ImportShape, raw['spec'] ?? {}, { path: ['spec'], report })
  if (!spec) return undefined
  const addresses = (spec.ips ?? []).map((text, index) => {
    const address = tryParseIp(text)
    if (address === undefined) {
      report.error({
        code: 'SERVICE_IMPORT',
        path: ['spec', 'ips', index],
        message: `${JSON.stringify(text)} is not an IP address`,
      })
    }
    return address
  })
  return {
    kind: 'ServiceImport',
    meta,
    addresses: addresses.filter((address) => address !== undefined),
    headless: spec.type === 'Headless',
    ports: readPorts(spec.ports ?? [], 'SERVICE_IMPORT', report),
  }
}
