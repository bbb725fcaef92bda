import assert from 'node:assert/strict'
import test from 'node:test'
import { checked, WireValueError, Writer } from './writer.ts'

test('numbers are written in network order', () => {
  const writer = new Writer()
  writer.u8(1)
  writer.u16(0xfffe)
  writer.u32(0x8000_0001)
  writer.octets(Uint8Array.of(5, 6))
  assert.equal(Buffer.from(writer.finish()).toString('hex'), '01fffe800000010506')
})

test('the buffer grows with what is written, one octet at a time or many at once', () => {
  const writer = new Writer()
  for (let count = 0; count < 600; count += 1) writer.u8(count)
  writer.octets(new Uint8Array(70_000).fill(7))
  const octets = writer.finish()
  assert.equal(octets.length, 70_600)
  assert.deepEqual([octets[511], octets[512], octets[600], octets.at(-1)], [255, 0, 7, 7])
})

test('octets written before can be replaced', () => {
  const writer = new Writer()
  writer.u32(0)
  writer.patch16(1, 0x1234)
  writer.patch8(3, 0x56)
  assert.deepEqual(writer.finish(), Uint8Array.of(0, 0x12, 0x34, 0x56))
})

test('what was finished does not change when the writer goes on', () => {
  const writer = new Writer()
  writer.u8(1)
  const before = writer.finish()
  writer.patch8(0, 2)
  assert.deepEqual(before, Uint8Array.of(1))
})

test('what is taken back takes its names along', () => {
  const writer = new Writer()
  writer.rememberName('a.')
  writer.u16(0)
  writer.rememberName('b.')
  writer.u16(0)
  writer.rewind(2)
  assert.equal(writer.length, 2)
  assert.deepEqual([writer.nameAt('a.'), writer.nameAt('b.')], [0, undefined])
})

test('only whole numbers within the field pass', () => {
  assert.equal(checked('port', 65_535, 0xffff), 65_535)
  for (const value of [-1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => checked('port', value, 0xffff), WireValueError)
  }
  assert.throws(() => checked('port', 70_000, 0xffff), /70000 as port, only .* 0 to 65535$/)
})
