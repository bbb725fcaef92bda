import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { octetsOf, parseIp } from '../../ip/address.ts'
import {
  type Address,
  AddressSchema,
  ServiceSchema,
  WorkloadSchema,
} from '../../rpc/gen/istio/workload/workload_pb.js'
import { DetailsSchema } from '../../rpc/gen/meshdns/v1/details_pb.js'
import { hostname } from '../../testing/mesh.ts'
import { DiscoveredServices } from './discovered-services.ts'

const detailsUrl = 'type.googleapis.com/meshdns.v1.Details'
const good = { namespace: 'ns1', hostname: 'a.test', name: 'a' }

function discovered(): DiscoveredServices {
  return new DiscoveredServices({
    clusterDomain: 'cluster.local',
    virtualRanges: [],
    source: 'controller',
  })
}

function service(fields: MessageInitShape<typeof ServiceSchema>): Address {
  const value = create(ServiceSchema, { ...good, ...fields })
  return create(AddressSchema, { type: { case: 'service', value } })
}

function workload(fields: MessageInitShape<typeof WorkloadSchema>): Address {
  const value = create(WorkloadSchema, { uid: 'uid', ...fields })
  return create(AddressSchema, { type: { case: 'workload', value } })
}

function extension(value: Uint8Array) {
  return { name: 'meshdns.io/details', config: { typeUrl: detailsUrl, value } }
}

function details(fields: MessageInitShape<typeof DetailsSchema>) {
  return { extensions: [extension(toBinary(DetailsSchema, create(DetailsSchema, fields)))] }
}

interface Case {
  readonly name: string
  readonly resource: Address
  /** Default is the name that fits. */
  readonly called?: string
  readonly want: string
}

const address = octetsOf(parseIp('192.0.2.1'))
const port = { servicePort: 80, targetPort: 80 }

const cases: readonly Case[] = [
  {
    name: 'neither a service nor a workload',
    resource: create(AddressSchema),
    want: 'it is neither a service nor a workload',
  },
  {
    name: 'a service under the name of another',
    resource: service({}),
    called: 'ns1/b.test',
    want: 'it tells of the service "ns1/a.test"',
  },
  {
    name: 'a namespace that is none',
    resource: service({ namespace: 'NS_1' }),
    called: 'NS_1/a.test',
    want: '"NS_1" is not a namespace',
  },
  {
    name: 'a host that is none',
    resource: service({ hostname: 'a..test' }),
    called: 'ns1/a..test',
    want: '"a..test" is not a host: it has a label that is not letters, digits and inner hyphens ("")',
  },
  {
    name: 'an address of five octets',
    resource: service({ addresses: [{ address: new Uint8Array(5) }] }),
    want: 'an address has 5 octets',
  },
  {
    name: 'port 0',
    resource: service({ ports: [{ servicePort: 0, targetPort: 80 }] }),
    want: '0 is not a port',
  },
  {
    name: 'a port beyond all',
    resource: service({ ports: [{ servicePort: 80, targetPort: 4_294_967_295 }] }),
    want: '4294967295 is not a port',
  },
  {
    name: 'details that are cut off',
    resource: service({ extensions: [extension(Uint8Array.of(10, 200))] }),
    want: 'its details cannot be read: premature EOF',
  },
  {
    name: 'a registry that does not exist',
    resource: service(details({ declarations: [{ registry: 'Consul' }] })),
    want: '"Consul" is not a registry',
  },
  {
    name: 'a resolution that does not exist',
    resource: service(details({ declarations: [{ resolution: 'MAGIC' }] })),
    want: '"MAGIC" is not a resolution',
  },
  {
    name: 'a range that is none',
    resource: service(details({ declarations: [{ prefixes: ['10.0.0.0/33'] }] })),
    want: '"10.0.0.0/33" is not an address range',
  },
  {
    name: 'a declared address of no octets',
    resource: service(details({ declarations: [{ addresses: [new Uint8Array()] }] })),
    want: 'an address has 0 octets',
  },
  {
    name: 'a declared port that is none',
    resource: service(details({ declarations: [{ ports: [{ number: 65_536 }] }] })),
    want: '65536 is not a port',
  },
  {
    name: 'another name that is none',
    resource: service(details({ declarations: [{ externalName: '192.0.2.1' }] })),
    want: '"192.0.2.1" is not a host: it must not end in a label of digits only',
  },
  {
    name: 'a time beyond the end of time',
    resource: service(details({ declarations: [{ createdAtMs: 2n ** 62n }] })),
    want: '4611686018427387904 is not a time',
  },
  {
    name: 'a workload under the name of another',
    resource: workload({}),
    called: 'other',
    want: 'it tells of the workload "uid"',
  },
  {
    name: 'a workload at 15 octets',
    resource: workload({ addresses: [new Uint8Array(15)] }),
    want: 'an address has 15 octets',
  },
  {
    name: 'a workload at a wildcard',
    resource: workload({ hostname: '*.test' }),
    want: '"*.test" is not the name of one endpoint',
  },
  {
    name: 'a workload whose port is none',
    resource: workload({
      addresses: [address],
      services: { 'ns1/a.test': { ports: [{ servicePort: 70_000 }] } },
    }),
    want: '70000 is not a port',
  },
  {
    name: 'a socket that is a folder',
    resource: workload(details({ unixPath: '/run/' })),
    want: '"/run/" is not a unix socket',
  },
  {
    name: 'a role with a port that is none',
    resource: workload({
      addresses: [address],
      services: { 'ns1/a.test': { ports: [port] } },
      ...details({ roles: [{ service: 'ns1/a.test', ports: { 80: 65_536 }, ownPorts: true }] }),
    }),
    want: '65536 is not a port',
  },
  {
    name: 'a role with a label of 64 octets',
    resource: workload({
      addresses: [address],
      services: { 'ns1/a.test': { ports: [port] } },
      ...details({ roles: [{ service: 'ns1/a.test', hostname: 'a'.repeat(64) }] }),
    }),
    want: `"${'a'.repeat(64)}" is not a label`,
  },
]

function nameOf({ type }: Address): string {
  if (type.case === 'service') return `${type.value.namespace}/${type.value.hostname}`
  return type.case === 'workload' ? type.value.uid : 'x'
}

describe('DiscoveredServices, given what cannot be', () => {
  for (const { name, resource, called = nameOf(resource), want } of cases) {
    it(`refuses ${name}, and that alone`, () => {
      const all = discovered()
      const other = service({ hostname: 'other.test' })
      const put = [
        { name: called, resource },
        { name: 'ns1/other.test', resource: other },
      ]
      assert.deepEqual([...all.apply(put, [])], ['other.test'])
      assert.deepEqual([...all.unusable()], [[called, want]])
      assert.deepEqual([...all.services().keys()], ['other.test'])
    })
  }

  const octets = fc.uint8Array({ maxLength: 17 })
  const number = fc.constantFrom(0, 1, 80, 65_535, 65_536, 4_294_967_295)
  const word = fc.oneof(
    fc.constantFrom('', 'a.test', '*', '*.test', 'ns1', '~', '__proto__'),
    fc.string(),
  )
  const someDetails = fc
    .record({
      declarations: fc.array(
        fc.record({
          registry: word,
          addresses: fc.array(octets, { maxLength: 2 }),
          prefixes: fc.array(word, { maxLength: 2 }),
          ports: fc.array(fc.record({ number, targetPort: number, name: word }), { maxLength: 2 }),
          resolution: word,
          externalName: word,
          exportTo: fc.array(word, { maxLength: 2 }),
          createdAtMs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        }),
        { maxLength: 3 },
      ),
      roles: fc.array(fc.record({ service: word, declaredBy: word, hostname: word }), {
        maxLength: 2,
      }),
      unixPath: word,
    })
    .map((fields) => toBinary(DetailsSchema, create(DetailsSchema, fields)))
  const extensions = fc.array(fc.oneof(someDetails, octets).map(extension), { maxLength: 2 })
  const ports = fc.array(fc.record({ servicePort: number, targetPort: number }), { maxLength: 2 })
  const resource = fc.oneof(
    fc
      .record({
        namespace: word,
        hostname: word,
        addresses: fc.array(fc.record({ address: octets }), { maxLength: 2 }),
        ports,
        extensions,
      })
      .map(service),
    fc
      .record({
        uid: word,
        addresses: fc.array(octets, { maxLength: 2 }),
        hostname: word,
        services: fc.dictionary(
          fc.oneof(word, fc.constant('ns1/other.test')),
          ports.map((list) => ({ ports: list })),
          { maxKeys: 3 },
        ),
        capacity: number,
        extensions,
      })
      .map(workload),
  )

  it('never throws, and takes nothing away from others', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(resource, word), { maxLength: 6 }), (given) => {
        const all = discovered()
        const other = service({ hostname: 'other.test', addresses: [{ address }] })
        all.apply([{ name: 'ns1/other.test', resource: other }], [])
        for (const [one, called] of given) {
          all.apply([{ name: nameOf(one), resource: one }], [])
          all.apply([{ name: called, resource: one }], [called])
        }
        const [kept] = all.services().get(hostname('other.test')) ?? []
        assert.deepEqual(kept?.addresses, ['192.0.2.1'])
      }),
      { numRuns: 300 },
    )
  })
})
