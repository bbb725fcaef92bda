import fc from 'fast-check'
import { ipFromOctets } from '../ip/address.ts'
import type { Edns } from '../wire/edns.ts'
import type { Message } from '../wire/message.ts'
import { type Name, tryParseName } from '../wire/name.ts'
import { opcodeOf } from '../wire/opcode.ts'
import { rcodeOf } from '../wire/rcode.ts'
import type { RecordData, ResourceRecord } from '../wire/record.ts'
import { type RecordClass, recordClass, recordClassOf } from '../wire/record-class.ts'
import { type RecordType, recordType, recordTypeOf } from '../wire/record-type.ts'

/** Objects with the usual prototype, so that they equal those that a decoder makes. */
function record<T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true })
}

const u8 = fc.nat(0xff)
const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xffff_ffff)

/** Labels that often meet again, in both cases, so that there is something to compress. */
const plainLabel = fc.constantFrom('a', 'b', 'web', 'WEB', 'internal', 'x'.repeat(63), '_http', '*')

/** Labels of any octets, each written as `\DDD`. */
const oddLabel = fc
  .array(u8, { minLength: 1, maxLength: 63 })
  .map((octets) => octets.map((octet) => `\\${String(octet).padStart(3, '0')}`).join(''))

function nameOf(label: fc.Arbitrary<string>): fc.Arbitrary<Name> {
  return fc
    .array(label, { maxLength: 5 })
    .map((labels) => tryParseName(`${labels.join('.')}.`))
    .filter((name) => name !== undefined)
}

/** Names of letters, digits, `-`, `_` and `*`, which every DNS library can spell. */
export const plainName = nameOf(plainLabel)

export const anyName = nameOf(fc.oneof({ weight: 4, arbitrary: plainLabel }, oddLabel))

export function octetsUpTo(maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength }).map((octets) => new Uint8Array(octets))
}

interface TypedData {
  readonly type: RecordType
  readonly class: RecordClass
  readonly data: RecordData
}

function inClass<Data extends RecordData>(
  type: RecordType,
  data: fc.Arbitrary<Data>,
): fc.Arbitrary<TypedData> {
  return data.map((data) => ({ type, class: recordClass.IN, data }))
}

function address(octets: 4 | 16) {
  return fc
    .uint8Array({ minLength: octets, maxLength: octets })
    .map((octets) => ipFromOctets(octets))
}

/** The types that old libraries know as well. */
function classicData(name: fc.Arbitrary<Name>): readonly fc.Arbitrary<TypedData>[] {
  const constant = <T>(value: T) => fc.constant(value)
  return [
    inClass(recordType.A, record({ kind: constant('A' as const), address: address(4) })),
    inClass(recordType.AAAA, record({ kind: constant('AAAA' as const), address: address(16) })),
    inClass(recordType.CNAME, record({ kind: constant('CNAME' as const), name })),
    inClass(recordType.NS, record({ kind: constant('NS' as const), name })),
    inClass(recordType.PTR, record({ kind: constant('PTR' as const), name })),
    inClass(
      recordType.SOA,
      record({
        kind: constant('SOA' as const),
        mname: name,
        rname: name,
        serial: u32,
        refresh: u32,
        retry: u32,
        expire: u32,
        minimum: u32,
      }),
    ),
    inClass(
      recordType.SRV,
      record({
        kind: constant('SRV' as const),
        priority: u16,
        weight: u16,
        port: u16,
        target: name,
      }),
    ),
    inClass(
      recordType.MX,
      record({ kind: constant('MX' as const), preference: u16, exchange: name }),
    ),
    inClass(
      recordType.TXT,
      record({
        kind: constant('TXT' as const),
        strings: fc.array(octetsUpTo(255), { minLength: 1, maxLength: 3 }),
      }),
    ),
    record({
      type: fc.integer({ min: 0xff00, max: 0xfffe }).map(recordTypeOf),
      class: constant(recordClass.IN),
      data: record({ kind: constant('unknown' as const), octets: octetsUpTo(40) }),
    }),
  ]
}

function newerData(name: fc.Arbitrary<Name>): readonly fc.Arbitrary<TypedData>[] {
  const params = fc
    .uniqueArray(record({ key: u16, octets: octetsUpTo(20) }), { selector: ({ key }) => key })
    .map((params) => params.sort((a, b) => a.key - b.key))
  const svcb = { priority: u16, target: name, params }
  return [
    inClass(recordType.SVCB, record({ kind: fc.constant('SVCB' as const), ...svcb })),
    inClass(recordType.HTTPS, record({ kind: fc.constant('HTTPS' as const), ...svcb })),
    record({
      type: fc.constant(recordType.A),
      class: fc.constantFrom(recordClass.CH, recordClass.NONE, recordClass.ANY),
      data: record({ kind: fc.constant('unknown' as const), octets: octetsUpTo(40) }),
    }),
  ]
}

function recordOf(
  name: fc.Arbitrary<Name>,
  data: readonly fc.Arbitrary<TypedData>[],
): fc.Arbitrary<ResourceRecord> {
  return record({ name, ttl: u32, typed: fc.oneof(...data) }).map(({ name, ttl, typed }) => ({
    name,
    ttl,
    ...typed,
  }))
}

export const anyEdns: fc.Arbitrary<Edns> = record({
  udpPayloadOctets: fc.integer({ min: 512, max: 0xffff }),
  version: u8,
  dnssecOk: fc.boolean(),
  options: fc.array(record({ code: fc.constantFrom(3, 10, 15, 65001), octets: octetsUpTo(24) }), {
    maxLength: 3,
  }),
})

function messageOf(
  name: fc.Arbitrary<Name>,
  questionType: fc.Arbitrary<RecordType>,
  anyRecord: fc.Arbitrary<ResourceRecord>,
): fc.Arbitrary<Message> {
  const question = record({
    name,
    type: questionType,
    class: fc.constantFrom(1, 3, 255).map(recordClassOf),
  })
  const records = fc.array(anyRecord, { maxLength: 6 })
  return record({
    id: u16,
    response: fc.boolean(),
    opcode: fc.nat(15).map(opcodeOf),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    recursionDesired: fc.boolean(),
    recursionAvailable: fc.boolean(),
    authenticData: fc.boolean(),
    checkingDisabled: fc.boolean(),
    low: fc.nat(15),
    high: fc.nat(255),
    questions: fc.array(question, { maxLength: 2 }),
    answers: records,
    authorities: records,
    additionals: records,
    edns: fc.option(anyEdns),
  }).map(({ low, high, edns, ...rest }) =>
    edns ? { ...rest, edns, rcode: rcodeOf(low, high) } : { ...rest, rcode: rcodeOf(low) },
  )
}

/** Messages with all that we know of. */
export const anyMessage = messageOf(
  anyName,
  u16.map(recordTypeOf),
  recordOf(anyName, [...classicData(anyName), ...newerData(anyName)]),
)

/** Messages with names and types that an old library understands. */
export const classicMessage = messageOf(
  plainName,
  fc.constantFrom(recordType.A, recordType.SRV, recordType.ANY, recordTypeOf(65_280)),
  recordOf(plainName, classicData(plainName)),
)

/** Turns octets into others: a few changed, the end cut off or something added. */
export const anyMutation: fc.Arbitrary<(octets: Uint8Array) => Uint8Array> = record({
  changes: fc.array(fc.tuple(fc.nat(), fc.oneof(u8, fc.constantFrom(0, 1, 0xc0, 0xff)))),
  cut: fc.option(fc.nat(), { freq: 3 }),
  tail: fc.option(octetsUpTo(3), { freq: 3 }),
}).map(({ changes, cut, tail }) => (octets) => {
  const mutated = octets.slice()
  if (mutated.length > 0) for (const [at, octet] of changes) mutated[at % mutated.length] = octet
  const kept = cut === null ? mutated : mutated.slice(0, cut % (mutated.length + 1))
  return Uint8Array.from([...kept, ...(tail ?? [])])
})
