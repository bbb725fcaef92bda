import assert from 'node:assert/strict'
import test from 'node:test'
import { parseIp } from '../ip/address.ts'
import { parseName } from './name.ts'
import { Reader } from './reader.ts'
import type { RecordData } from './record.ts'
import { type RecordClass, recordClass } from './record-class.ts'
import { readRecordData, writeRecordData } from './record-data.ts'
import { type RecordType, recordType, recordTypeOf } from './record-type.ts'
import { WireValueError, Writer } from './writer.ts'

interface Case {
  readonly title: string
  readonly type: RecordType
  /** IN unless given. */
  readonly class?: RecordClass
  readonly hex: string
  readonly want: RecordData
}

const name = parseName('b.c.')
const nameHex = '0162016300'

const cases: readonly Case[] = [
  {
    title: 'an A record holds four octets',
    type: recordType.A,
    hex: 'f0f00001',
    want: { kind: 'A', address: parseIp('240.240.0.1') },
  },
  {
    title: 'an AAAA record holds sixteen',
    type: recordType.AAAA,
    hex: '20010002000000000000000000000001',
    want: { kind: 'AAAA', address: parseIp('2001:2::1') },
  },
  { title: 'CNAME', type: recordType.CNAME, hex: nameHex, want: { kind: 'CNAME', name } },
  { title: 'NS', type: recordType.NS, hex: nameHex, want: { kind: 'NS', name } },
  { title: 'PTR', type: recordType.PTR, hex: nameHex, want: { kind: 'PTR', name } },
  {
    title: 'a PTR is one in any class that has data',
    type: recordType.PTR,
    class: recordClass.CH,
    hex: nameHex,
    want: { kind: 'PTR', name },
  },
  {
    title: 'MX',
    type: recordType.MX,
    hex: `000a${nameHex}`,
    want: { kind: 'MX', preference: 10, exchange: name },
  },
  {
    title: 'the second name of an SOA points into the first',
    type: recordType.SOA,
    hex: `${nameHex}0161c00000000001ffffffff000000030000000400000005`,
    want: {
      kind: 'SOA',
      mname: name,
      rname: parseName('a.b.c.'),
      serial: 1,
      refresh: 0xffff_ffff,
      retry: 3,
      expire: 4,
      minimum: 5,
    },
  },
  {
    title: 'SRV',
    type: recordType.SRV,
    hex: `000100020050${nameHex}`,
    want: { kind: 'SRV', priority: 1, weight: 2, port: 80, target: name },
  },
  {
    title: 'a TXT record holds strings, empty ones too',
    type: recordType.TXT,
    hex: '02616200',
    want: { kind: 'TXT', strings: [Uint8Array.of(0x61, 0x62), new Uint8Array()] },
  },
  {
    title: 'SVCB without parameters',
    type: recordType.SVCB,
    hex: `0000${nameHex}`,
    want: { kind: 'SVCB', priority: 0, target: name, params: [] },
  },
  {
    title: 'HTTPS with parameters',
    type: recordType.HTTPS,
    hex: '000100000100030268320003000201bb',
    want: {
      kind: 'HTTPS',
      priority: 1,
      target: parseName('.'),
      params: [
        { key: 1, octets: Uint8Array.from(Buffer.from('\x02h2')) },
        { key: 3, octets: Uint8Array.of(0x01, 0xbb) },
      ],
    },
  },
  {
    title: 'a type that we do not know is kept as it is',
    type: recordTypeOf(65_280),
    hex: 'c000ff',
    want: { kind: 'unknown', octets: Uint8Array.of(0xc0, 0, 0xff) },
  },
  {
    title: 'data of an unknown type may be missing',
    type: recordType.NULL,
    hex: '',
    want: { kind: 'unknown', octets: new Uint8Array() },
  },
  {
    title: 'an A record of another class is not an IPv4 address',
    type: recordType.A,
    class: recordClass.CH,
    hex: '0161000001',
    want: { kind: 'unknown', octets: Uint8Array.of(1, 0x61, 0, 0, 1) },
  },
  {
    title: 'an update may have records without data',
    type: recordType.CNAME,
    class: recordClass.ANY,
    hex: '',
    want: { kind: 'unknown', octets: new Uint8Array() },
  },
]

for (const { title, type, class: inClass = recordClass.IN, hex, want } of cases) {
  test(`${title}: read and written`, () => {
    const octets = Buffer.from(hex, 'hex')
    assert.deepEqual(readRecordData(new Reader(octets), type, inClass), want)
    const writer = new Writer()
    writeRecordData(writer, want)
    assert.equal(Buffer.from(writer.finish()).toString('hex'), hex)
  })
}

interface BadCase {
  readonly title: string
  readonly type: RecordType
  readonly hex: string
  readonly message: RegExp
}

const early = /ends early/
const left = /left over behind the data of a record/

const bad: readonly BadCase[] = [
  { title: 'A with three octets', type: recordType.A, hex: '010203', message: early },
  { title: 'A with five octets', type: recordType.A, hex: '0102030405', message: left },
  { title: 'AAAA with four octets', type: recordType.AAAA, hex: '01020304', message: early },
  { title: 'CNAME without data', type: recordType.CNAME, hex: '', message: early },
  { title: 'CNAME with more', type: recordType.CNAME, hex: '000000', message: left },
  { title: 'SOA that stops', type: recordType.SOA, hex: `0000${'00'.repeat(19)}`, message: early },
  { title: 'SOA with more', type: recordType.SOA, hex: `0000${'00'.repeat(21)}`, message: left },
  { title: 'SRV without a target', type: recordType.SRV, hex: '000100020050', message: early },
  { title: 'MX with half a number', type: recordType.MX, hex: '00', message: early },
  { title: 'TXT without a string', type: recordType.TXT, hex: '', message: early },
  { title: 'TXT that runs over', type: recordType.TXT, hex: '0361', message: early },
  {
    title: 'HTTPS with a parameter that runs over',
    type: recordType.HTTPS,
    hex: '00010000010003ff',
    message: early,
  },
  {
    title: 'HTTPS with a key twice',
    type: recordType.HTTPS,
    hex: '0001000001000000010000',
    message: /parameters out of order at octet 7$/,
  },
  {
    title: 'HTTPS with keys in the wrong order',
    type: recordType.HTTPS,
    hex: '0001000003000000010000',
    message: /parameters out of order at octet 7$/,
  },
]

for (const { title, type, hex, message } of bad) {
  test(`${title} is refused`, () => {
    const reader = new Reader(Buffer.from(hex, 'hex'))
    assert.throws(() => readRecordData(reader, type, recordClass.IN), {
      name: 'WireFormatError',
      message,
    })
  })
}

interface PointerCase {
  readonly title: string
  readonly type: RecordType
  readonly before: string
  readonly refused: boolean
}

const pointers: readonly PointerCase[] = [
  { title: 'CNAME', type: recordType.CNAME, before: '', refused: false },
  { title: 'MX', type: recordType.MX, before: '000a', refused: false },
  { title: 'SRV', type: recordType.SRV, before: '000100020050', refused: false },
  { title: 'SVCB', type: recordType.SVCB, before: '0001', refused: true },
  { title: 'HTTPS', type: recordType.HTTPS, before: '0001', refused: true },
]

for (const { title, type, before, refused } of pointers) {
  test(`a compressed name in ${title} data is ${refused ? 'refused' : 'followed'}`, () => {
    const reader = new Reader(Buffer.from(`${nameHex}${before}c000`, 'hex'), 5)
    const read = () => JSON.stringify(readRecordData(reader, type, recordClass.IN))
    if (refused) assert.throws(read, /compressed name/)
    else assert.match(read(), /"b\.c\."/)
  })
}

test('names are compressed in the data of the old types only', () => {
  const written = (data: RecordData) => {
    const writer = new Writer()
    writeRecordData(writer, { kind: 'NS', name })
    writeRecordData(writer, data)
    return Buffer.from(writer.finish()).subarray(5).toString('hex')
  }
  assert.equal(written({ kind: 'CNAME', name }), 'c000')
  assert.equal(written({ kind: 'PTR', name }), 'c000')
  assert.equal(written({ kind: 'MX', preference: 1, exchange: name }), '0001c000')
  const srv: RecordData = { kind: 'SRV', priority: 1, weight: 2, port: 3, target: name }
  assert.equal(written(srv), `000100020003${nameHex}`)
  const https: RecordData = { kind: 'HTTPS', priority: 1, target: name, params: [] }
  assert.equal(written(https), `0001${nameHex}`)
})

const tooMuch: readonly { readonly title: string; readonly data: RecordData }[] = [
  { title: 'an A record of an IPv6 address', data: { kind: 'A', address: parseIp('::1') } },
  {
    title: 'an AAAA record of an IPv4 address',
    data: { kind: 'AAAA', address: parseIp('1.1.1.1') },
  },
  { title: 'a string of 256 octets', data: { kind: 'TXT', strings: [new Uint8Array(256)] } },
  { title: 'a preference of 65536', data: { kind: 'MX', preference: 65_536, exchange: name } },
  {
    title: 'parameters out of order',
    data: {
      kind: 'SVCB',
      priority: 1,
      target: name,
      params: [
        { key: 2, octets: new Uint8Array() },
        { key: 2, octets: new Uint8Array() },
      ],
    },
  },
]

for (const { title, data } of tooMuch) {
  test(`${title} cannot be written`, () => {
    assert.throws(() => writeRecordData(new Writer(), data), WireValueError)
  })
}

test('a TXT record without strings is written with an empty one', () => {
  const writer = new Writer()
  writeRecordData(writer, { kind: 'TXT', strings: [] })
  assert.deepEqual(writer.finish(), Uint8Array.of(0))
})
