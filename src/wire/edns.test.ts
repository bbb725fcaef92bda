import assert from 'node:assert/strict'
import test from 'node:test'
import { type Edns, octetsOfEdns, readEdns, writeEdns } from './edns.ts'
import { rcode, rcodeOf } from './rcode.ts'
import { Reader, WireFormatError } from './reader.ts'
import { readRecordStart } from './record.ts'
import { WireValueError, Writer } from './writer.ts'

const plain: Edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options: [] }

interface Case {
  readonly title: string
  readonly hex: string
  readonly edns: Edns
  readonly rcode?: number
}

const cases: readonly Case[] = [
  { title: 'a bare OPT record', hex: '00002904d0000000000000', edns: plain },
  {
    title: 'the DO bit',
    hex: '00002904d0000080000000',
    edns: { ...plain, dnssecOk: true },
  },
  {
    title: 'the upper bits of the rcode, and a version',
    hex: '00002904d0010100000000',
    edns: { ...plain, version: 1 },
    rcode: rcode.BADVERS,
  },
  {
    title: 'options in their order, one without octets',
    hex: '00002904d000000000000c000a00040102aabb00030000',
    edns: {
      ...plain,
      options: [
        { code: 10, octets: Uint8Array.of(1, 2, 0xaa, 0xbb) },
        { code: 3, octets: new Uint8Array() },
      ],
    },
  },
]

for (const { title, hex, edns, rcode: code = rcode.NOERROR } of cases) {
  test(`${title}: read and written`, () => {
    const found = readEdns(readRecordStart(new Reader(Buffer.from(hex, 'hex'))), rcode.NOERROR)
    assert.deepEqual(found, { edns, rcode: code })
    const writer = new Writer()
    writeEdns(writer, edns, rcodeOf(code))
    assert.equal(Buffer.from(writer.finish()).toString('hex'), hex)
    assert.equal(octetsOfEdns(edns), hex.length / 2)
  })
}

test('a payload size below 512 is read as 512', () => {
  const octets = Buffer.from('0000290000000000000000', 'hex')
  const { edns } = readEdns(readRecordStart(new Reader(octets)), rcode.NOERROR)
  assert.equal(edns.udpPayloadOctets, 512)
})

test('flags beside DO are not looked at', () => {
  const octets = Buffer.from('00002904d000007fff0000', 'hex')
  const { edns } = readEdns(readRecordStart(new Reader(octets)), rcode.NOERROR)
  assert.deepEqual(edns, plain)
})

const bad: readonly { readonly title: string; readonly hex: string }[] = [
  { title: 'an OPT record with a name', hex: '01610000290200000000000000' },
  { title: 'an option that runs over the record', hex: '0000290200000000000005000a000201' },
  { title: 'half an option', hex: '0000290200000000000003000a00' },
]

for (const { title, hex } of bad) {
  test(`${title} is refused`, () => {
    const start = readRecordStart(new Reader(Buffer.from(hex, 'hex')))
    assert.throws(() => readEdns(start, rcode.NOERROR), WireFormatError)
  })
}

test('what does not fit its field cannot be written', () => {
  const write = (edns: Edns) => () => writeEdns(new Writer(), edns, rcode.NOERROR)
  assert.throws(write({ ...plain, udpPayloadOctets: 65_536 }), WireValueError)
  assert.throws(write({ ...plain, version: 256 }), WireValueError)
  const octets = new Uint8Array(65_533)
  assert.throws(write({ ...plain, options: [{ code: 1, octets }] }), WireValueError)
  assert.throws(
    write({ ...plain, options: [{ code: -1, octets: new Uint8Array() }] }),
    WireValueError,
  )
})
