import assert from 'node:assert/strict'
import test from 'node:test'
import { fillHeader, type HeaderFields, readHeader, tryDecodeHeader } from './header.ts'
import { opcode, opcodeOf } from './opcode.ts'
import { rcode, rcodeOf } from './rcode.ts'
import { Reader, WireFormatError } from './reader.ts'
import { WireValueError, Writer } from './writer.ts'

const nothing: HeaderFields = {
  id: 0,
  response: false,
  opcode: opcode.QUERY,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: rcode.NOERROR,
}

const noCounts = { questions: 0, answers: 0, authorities: 0, additionals: 0 }

interface Case {
  readonly title: string
  readonly flags: string
  readonly want: Partial<HeaderFields>
}

const cases: readonly Case[] = [
  { title: 'QR', flags: '8000', want: { response: true } },
  { title: 'opcode', flags: '2800', want: { opcode: opcode.UPDATE } },
  { title: 'AA', flags: '0400', want: { authoritative: true } },
  { title: 'TC', flags: '0200', want: { truncated: true } },
  { title: 'RD', flags: '0100', want: { recursionDesired: true } },
  { title: 'RA', flags: '0080', want: { recursionAvailable: true } },
  { title: 'AD', flags: '0020', want: { authenticData: true } },
  { title: 'CD', flags: '0010', want: { checkingDisabled: true } },
  { title: 'rcode', flags: '0003', want: { rcode: rcode.NXDOMAIN } },
]

for (const { title, flags, want } of cases) {
  test(`${title} is read and written where it belongs`, () => {
    const octets = Buffer.from(`abcd${flags}0001000200030004`, 'hex')
    const counts = { questions: 1, answers: 2, authorities: 3, additionals: 4 }
    const fields = { ...nothing, ...want, id: 0xabcd }
    assert.deepEqual(tryDecodeHeader(octets), { ...fields, counts })
    const writer = new Writer()
    writer.octets(new Uint8Array(12))
    fillHeader(writer, fields, counts)
    assert.deepEqual(Buffer.from(writer.finish()), octets)
  })
}

test('the reserved bit is not looked at', () => {
  const octets = Buffer.from('000000400000000000000000', 'hex')
  assert.deepEqual(tryDecodeHeader(octets), { ...nothing, counts: noCounts })
})

test('only the lower four bits of an rcode are the header’s', () => {
  const writer = new Writer()
  writer.octets(new Uint8Array(12))
  fillHeader(writer, { ...nothing, rcode: rcodeOf(2, 1) }, noCounts)
  assert.equal(tryDecodeHeader(writer.finish())?.rcode, rcode.SERVFAIL)
})

test('the rest of the octets does not matter, unless they are too few', () => {
  assert.equal(tryDecodeHeader(Buffer.from('123400000001000000000000ffff', 'hex'))?.id, 0x1234)
  assert.equal(tryDecodeHeader(new Uint8Array(11)), undefined)
  assert.throws(() => readHeader(new Reader(new Uint8Array(11))), WireFormatError)
})

test('an ID or opcode too large for its field is refused', () => {
  const writer = new Writer()
  writer.octets(new Uint8Array(12))
  const fill = (fields: HeaderFields) => fillHeader(writer, fields, noCounts)
  assert.throws(() => fill({ ...nothing, id: 65_536 }), WireValueError)
  assert.throws(() => fill({ ...nothing, opcode: opcodeOf(16) }), WireValueError)
})
