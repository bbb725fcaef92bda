import fc from 'fast-check'
import { ipFromOctets } from '../ip/address.ts'
import { tryParsePrefix } from '../ip/prefix.ts'
import { placeScopes } from '../registry/nearness.ts'
import type { Endpoint, EndpointTarget, Origin, Service } from '../registry/service.ts'
import { hostname } from './mesh.ts'

const hosts = ['a.test', 'b.test', '*.wild.test', 'web.ns1.svc.cluster.local'].map(hostname)
const names = fc.constantFrom('one', 'two', 'three')
const namespaces = fc.constantFrom('ns1', 'ns2')
const ports = fc.integer({ min: 1, max: 65_535 })

/** Few of them, so that services and workloads share some. */
export const arbitraryIp = fc
  .oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4, max: 3 }),
    fc.uint8Array({ minLength: 16, maxLength: 16, max: 2 }),
  )
  .map(ipFromOctets)

const prefix = fc
  .constantFrom('172.217.0.0/16', '10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0')
  .map((text) => tryParsePrefix(text))
  .filter((parsed) => parsed !== undefined)

function originOf(kind: fc.Arbitrary<string>): fc.Arbitrary<Origin> {
  return fc.record(
    {
      kind,
      namespace: namespaces,
      name: names,
      file: fc.constantFrom('a.yaml', 'ü/b.yaml'),
      line: fc.integer({ min: 1, max: 9 }),
    },
    { noNullPrototype: true },
  )
}

const target: fc.Arbitrary<EndpointTarget> = fc.oneof(
  arbitraryIp.map((address) => ({ kind: 'ip', address }) as const),
  fc.constantFrom(...hosts.slice(0, 2)).map((name) => ({ kind: 'name', name }) as const),
  fc
    .constantFrom('/run/a', '/run/a#2', '/run/a%232', '@abstract')
    .map((path) => ({ kind: 'unix', path }) as const),
)

const endpoint: fc.Arbitrary<Endpoint> = fc
  .record(
    {
      target,
      otherAddresses: fc.array(arbitraryIp, { maxLength: 2 }),
      ports: fc.array(fc.tuple(ports, fc.nat(65_535)), { maxLength: 3 }).map((all) => new Map(all)),
      weight: fc.constantFrom(1, 1, 2, 4_294_967_295),
      healthy: fc.boolean(),
      hostname: fc.constantFrom('db-0', 'db-1'),
      locality: fc.constantFrom('region', 'region/zone', '/zone', 'a/b/c', 'a//c', 'a/b/c/d'),
      network: fc.constantFrom('nw1', 'nw2'),
      node: fc.constantFrom('node-1', 'node-2'),
      serviceAccount: fc.constantFrom('default', 'seller'),
      origin: originOf(
        fc.constantFrom('Pod', 'WorkloadEntry', 'ServiceEntry', 'EndpointSlice', 'Other'),
      ),
    },
    {
      requiredKeys: ['target', 'otherAddresses', 'ports', 'weight', 'healthy', 'origin'],
      noNullPrototype: true,
    },
  )
  .map((one) => (one.target.kind === 'ip' ? one : { ...one, otherAddresses: [] }))

const nearness = fc.record(
  {
    scopes: fc.shuffledSubarray([...placeScopes], { minLength: 1 }),
    strict: fc.boolean(),
  },
  { noNullPrototype: true },
)

const port = fc.record(
  {
    number: ports,
    name: fc.constantFrom('', 'http', 'tcp'),
    protocol: fc.constantFrom('', 'HTTP', 'UDP'),
    targetPort: ports,
  },
  { requiredKeys: ['number', 'name', 'protocol'], noNullPrototype: true },
)

/** Any service that a source may give, as far as types and comments tell; hosts are few. */
export const arbitraryService: fc.Arbitrary<Service> = fc
  .record(
    {
      host: fc.constantFrom(...hosts),
      namespace: namespaces,
      registry: fc.constantFrom('Kubernetes', 'External'),
      shortName: names,
      addresses: fc.array(arbitraryIp, { maxLength: 3 }),
      prefixes: fc.array(prefix, { maxLength: 2 }),
      allocatable: fc.boolean(),
      ports: fc.array(port, { maxLength: 3 }),
      resolution: fc.constantFrom('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'),
      endpoints: fc.array(endpoint, { maxLength: 4 }),
      headless: fc.boolean(),
      publishNotReady: fc.boolean(),
      nearness,
      externalName: fc.constantFrom(...hosts.slice(0, 2)),
      exportTo: fc.constantFrom(['*'], [], ['ns1'], ['ns1', 'ns2']),
      ttlSeconds: fc.constantFrom(0, 5, 2 ** 31 - 1),
      createdAt: fc.constantFrom(0, 1, 1_700_000_000_000),
      origin: originOf(fc.constantFrom('ServiceEntry', 'Service', 'Other')),
    },
    {
      requiredKeys: [
        'host',
        'namespace',
        'registry',
        'addresses',
        'prefixes',
        'allocatable',
        'ports',
        'resolution',
        'endpoints',
        'headless',
        'publishNotReady',
        'exportTo',
        'createdAt',
        'origin',
      ],
      noNullPrototype: true,
    },
  )
  .map(({ shortName, ...service }) =>
    service.registry === 'Kubernetes' && shortName !== undefined
      ? { ...service, shortName }
      : service,
  )
