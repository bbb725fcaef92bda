import fc from 'fast-check'
import { type IpAddress, parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { MeshHost } from '../registry/view.ts'
import { endpoint, hostname, servicePort } from './mesh.ts'
import { serviceOf } from './services.ts'

/** Few enough that hosts meet. */
export const fewAddresses: readonly IpAddress[] = [
  '10.0.0.1',
  '10.0.0.2',
  '10.1.0.1',
  'fd00::1',
  '240.240.0.1',
  '240.240.0.2',
  '2001:2::1',
  '10.99.0.1',
].map(parseIp)

const address = fc.constantFrom(...fewAddresses)

const prefix = fc.constantFrom('10.0.0.0/24', '10.0.0.0/8', 'fd00::/64').map(parsePrefix)

const facts = fc.record({
  addresses: fc.uniqueArray(address, { maxLength: 2 }),
  prefixes: fc.uniqueArray(prefix, { maxLength: 2 }),
  headless: fc.boolean(),
  resolution: fc.constantFrom('STATIC', 'NONE', 'DNS'),
  ports: fc.uniqueArray(fc.constantFrom(80, 443), { maxLength: 2 }),
  endpoints: fc.uniqueArray(address, { maxLength: 2 }),
  virtual: fc.uniqueArray(address, { maxLength: 2 }),
})

/** A host as it is seen at one moment, or `undefined` when it is not. */
export interface HostMoment {
  readonly host: Hostname
  readonly seen: MeshHost | undefined
}

/** Hosts that come, change and go. */
export const arbitraryHostMoments: fc.Arbitrary<readonly HostMoment[]> = fc.array(
  fc
    .record({ name: fc.nat(3), facts: fc.option(facts, { nil: undefined }) })
    .map(({ name, facts: given }) => {
      const host = hostname(`h${name}.test`)
      if (!given) return { host, seen: undefined }
      const { virtual, ports, endpoints, ...fields } = given
      const service = serviceOf(host, {
        ...fields,
        createdAt: name,
        ports: ports.map((number) => servicePort(number)),
        endpoints: endpoints.map((text) => endpoint(text, { 80: 8080, 443: 443 })),
      })
      return { host, seen: { host, namespace: 'default', services: [service], virtual } }
    }),
  { maxLength: 12 },
)
