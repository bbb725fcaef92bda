import { tryParseHostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'

/** A service for tests: plain where the test does not say otherwise. */
export function serviceOf(host: string, fields: Partial<Service> = {}): Service {
  const parsed = tryParseHostname(host)
  if (parsed === undefined) throw new Error(`not a host name: ${host}`)
  const namespace = fields.namespace ?? 'default'
  return {
    host: parsed,
    namespace,
    registry: 'External',
    addresses: [],
    prefixes: [],
    allocatable: true,
    ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
    resolution: 'STATIC',
    endpoints: [],
    headless: false,
    publishNotReady: false,
    exportTo: ['*'],
    createdAt: 0,
    origin: { kind: 'ServiceEntry', namespace, name: host, file: 'test.yaml', line: 1 },
    ...fields,
  }
}
