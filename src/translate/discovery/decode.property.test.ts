import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import {
  type Address,
  AddressSchema,
  type Extension,
  ServiceSchema,
  WorkloadSchema,
} from '../../rpc/gen/istio/workload/workload_pb.js'
import { type Details, DetailsSchema } from '../../rpc/gen/meshdns/v1/details_pb.js'
import type { AddressFields } from './address-fields.ts'
import { decodeAddress } from './decode-address.ts'
import { decodeDetails } from './decode-details.ts'
import type { DetailsFields } from './details-fields.ts'

const word = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('__proto__'))
const octets = fc.uint8Array({ maxLength: 20 })
const number = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 0xff_ff_ff_ff }))
const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 })
const some = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })

const port = fc.record({ servicePort: number, targetPort: number })
const extensions = list(
  fc.record({ name: word, config: some(fc.record({ typeUrl: word, value: octets })) }),
)
const service = fc.record({
  name: word,
  namespace: word,
  hostname: word,
  addresses: list(fc.record({ network: word, address: octets })),
  ports: list(port),
  subjectAltNames: list(word),
  loadBalancing: some(
    fc.record({
      routingPreference: list(fc.nat({ max: 6 })),
      mode: fc.nat({ max: 3 }),
      healthPolicy: fc.nat({ max: 1 }),
    }),
  ),
  ipFamilies: fc.nat({ max: 3 }),
  extensions,
  canonical: fc.boolean(),
})
const workload = fc.record({
  name: word,
  namespace: word,
  addresses: list(octets),
  network: word,
  trustDomain: word,
  serviceAccount: word,
  node: word,
  status: fc.nat({ max: 1 }),
  clusterId: word,
  uid: word,
  hostname: word,
  services: fc.dictionary(
    word.filter((key) => key !== '__proto__'),
    list(port).map((ports) => ({ ports })),
    { maxKeys: 3 },
  ),
  locality: some(fc.record({ region: word, zone: word, subzone: word })),
  extensions,
  capacity: some(number),
})
const address: fc.Arbitrary<MessageInitShape<typeof AddressSchema>> = fc.oneof(
  service.map((value) => ({
    type: { case: 'service' as const, value: create(ServiceSchema, value) },
  })),
  workload.map((value) => ({
    type: { case: 'workload' as const, value: create(WorkloadSchema, value) },
  })),
  fc.constant({}),
)

const origin = fc.record({ kind: word, namespace: word, name: word, file: word, line: number })
const details: fc.Arbitrary<MessageInitShape<typeof DetailsSchema>> = fc.record({
  declarations: list(
    fc.record({
      origin: some(origin),
      registry: word,
      shortName: word,
      addresses: list(octets),
      prefixes: list(word),
      allocatable: fc.boolean(),
      ports: list(fc.record({ number, name: word, protocol: word, targetPort: number })),
      resolution: word,
      headless: fc.boolean(),
      publishNotReady: fc.boolean(),
      externalName: word,
      exportTo: list(word),
      ttlSeconds: some(number),
      routingPreference: list(fc.nat({ max: 6 })),
      strict: fc.boolean(),
      createdAtMs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
  ),
  roles: list(
    fc.record({
      service: word,
      declaredBy: word,
      hostname: word,
      ports: fc.dictionary(number.map(String), number, { maxKeys: 3 }),
      ownPorts: fc.boolean(),
    }),
  ),
  unixPath: word,
  origin: some(origin),
})

describe('decodeAddress and decodeDetails', () => {
  it('read in every address what the schema reads', () => {
    fc.assert(
      fc.property(address, (fields) => {
        const encoded = toBinary(AddressSchema, create(AddressSchema, fields))
        assert.deepEqual(
          plain(decodeAddress(encoded)),
          plain(readOf(fromBinary(AddressSchema, encoded))),
        )
      }),
    )
  })

  it('read in all details what the schema reads', () => {
    fc.assert(
      fc.property(details, (fields) => {
        const encoded = toBinary(DetailsSchema, create(DetailsSchema, fields))
        assert.deepEqual(
          plain(decodeDetails(encoded)),
          plain(detailsOf(fromBinary(DetailsSchema, encoded))),
        )
      }),
    )
  })

  it('throw, or end, whatever the octets are', () => {
    const valid = fc.oneof(
      address.map((fields) => toBinary(AddressSchema, create(AddressSchema, fields))),
      details.map((fields) => toBinary(DetailsSchema, create(DetailsSchema, fields))),
    )
    const spoilt = fc
      .tuple(valid, fc.nat(), fc.nat({ max: 255 }), fc.nat())
      .map(([given, at, octet, end]) => {
        const changed = Uint8Array.from(given)
        if (changed.length > 0) changed[at % changed.length] = octet
        return changed.subarray(0, end % (changed.length + 1))
      })
    fc.assert(
      fc.property(fc.oneof(octets, spoilt), (given) => {
        for (const decode of [decodeAddress, decodeDetails]) {
          try {
            decode(given)
          } catch (error) {
            assert.ok(error instanceof RangeError)
          }
        }
      }),
    )
  })
})

/** The part of an address that is read. */
function readOf({ type }: Address): AddressFields {
  if (type.case === 'service') {
    const { name, namespace, hostname, ports, loadBalancing, canonical } = type.value
    const addresses = type.value.addresses.map((one) => ({ address: one.address }))
    const balanced = loadBalancing && {
      routingPreference: loadBalancing.routingPreference,
      mode: loadBalancing.mode,
      healthPolicy: loadBalancing.healthPolicy,
    }
    const value = { name, namespace, hostname, addresses, ports, canonical }
    const more = { extensions: type.value.extensions.map(extensionOf), loadBalancing: balanced }
    return { type: { case: 'service', value: { ...value, ...more } } }
  }
  if (type.case !== 'workload') return { type: { case: undefined } }
  const { name, namespace, addresses, network, status, uid, hostname, services } = type.value
  const { locality, capacity, node, serviceAccount } = type.value
  const value = { name, namespace, addresses, network, status, uid, hostname, services }
  const more = {
    extensions: type.value.extensions.map(extensionOf),
    locality,
    capacity,
    node,
    serviceAccount,
  }
  return { type: { case: 'workload', value: { ...value, ...more } } }
}

function extensionOf({ name, config }: Extension) {
  return config ? { name, config: { typeUrl: config.typeUrl, value: config.value } } : { name }
}

function detailsOf({ declarations, roles, unixPath, origin: from }: Details): DetailsFields {
  return { declarations, roles, unixPath, origin: from }
}

/** Without the names of messages, prototypes, and what is undefined. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(
    ([key, held]) => key !== '$typeName' && held !== undefined,
  )
  return new Map(entries.map(([key, held]): [string, unknown] => [key, plain(held)]))
}
