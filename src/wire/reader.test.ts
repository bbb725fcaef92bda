import assert from 'node:assert/strict'
import test from 'node:test'
import { Reader, WireFormatError } from './reader.ts'

test('numbers are read in network order, one behind the other', () => {
  const reader = new Reader(Buffer.from('01fffe80000001', 'hex'))
  assert.deepEqual([reader.u8(), reader.u16(), reader.u32()], [1, 0xfffe, 0x80000001])
  assert.equal(reader.offset, 7)
  assert.equal(reader.remaining, 0)
})

test('octets are a copy, a plain one even of a Buffer', () => {
  const message = Buffer.from([1, 2, 3])
  const octets = new Reader(message, 1).octets(2)
  message.fill(9)
  assert.deepEqual(octets, Uint8Array.of(2, 3))
})

test('reading past the end is refused with the place, and moves nothing', () => {
  const reads: ((reader: Reader) => unknown)[] = [
    (reader) => reader.u8(),
    (reader) => reader.u16(),
    (reader) => reader.u32(),
    (reader) => reader.octets(1),
    (reader) => reader.part(65_535),
  ]
  for (const read of reads) {
    const reader = new Reader(Uint8Array.of(1, 2), 2)
    assert.throws(() => read(reader), { name: 'WireFormatError', code: 'WIRE_FORMAT', offset: 2 })
    assert.equal(reader.offset, 2)
  }
})

test('a part ends where it was told to, and the whole goes on behind it', () => {
  const reader = new Reader(Uint8Array.of(1, 2, 3, 4), 1)
  const part = reader.part(2)
  assert.equal(part.u16(), 0x0203)
  assert.throws(() => part.u8(), WireFormatError)
  assert.equal(reader.u8(), 4)
})

test('what is left over is refused with its number and place', () => {
  const reader = new Reader(Uint8Array.of(1, 2, 3))
  reader.u8()
  assert.throws(
    () => reader.expectEnd('the thing'),
    /2 octets left over behind the thing at octet 1$/,
  )
  reader.u16()
  reader.expectEnd('the thing')
})
