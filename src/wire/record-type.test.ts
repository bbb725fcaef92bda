import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  formatRecordType,
  parseRecordType,
  RecordTypeSyntaxError,
  recordType,
  recordTypeOf,
  tryParseRecordType,
} from './record-type.ts'

test('a type is read by its name in any case, or by its number', () => {
  assert.equal(parseRecordType('AAAA'), recordType.AAAA)
  assert.equal(parseRecordType('https'), recordType.HTTPS)
  assert.equal(parseRecordType('TYPE28'), recordType.AAAA)
  assert.equal(parseRecordType('type65280'), 65280)
})

test('what is no type is refused', () => {
  for (const text of ['', 'AAAAA', 'TYPE', 'TYPE65536', 'TYPE-1', 'TYPE1x', '28', 'constructor']) {
    assert.equal(tryParseRecordType(text), undefined, text)
    assert.throws(() => parseRecordType(text), RecordTypeSyntaxError)
  }
})

test('a type without a name is written as its number', () => {
  assert.equal(formatRecordType(recordTypeOf(65280)), 'TYPE65280')
})

test('every type is read back from its text', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), (number) => {
      assert.equal(parseRecordType(formatRecordType(recordTypeOf(number))), number)
    }),
  )
})
