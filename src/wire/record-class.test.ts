import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  formatRecordClass,
  parseRecordClass,
  RecordClassSyntaxError,
  recordClass,
  recordClassOf,
  tryParseRecordClass,
} from './record-class.ts'

test('a class is read by its name in any case, or by its number', () => {
  assert.equal(parseRecordClass('IN'), recordClass.IN)
  assert.equal(parseRecordClass('ch'), recordClass.CH)
  assert.equal(parseRecordClass('CLASS255'), recordClass.ANY)
})

test('what is no class is refused', () => {
  for (const text of ['', 'INN', 'CLASS', 'CLASS65536', '1', 'toString']) {
    assert.equal(tryParseRecordClass(text), undefined, text)
    assert.throws(() => parseRecordClass(text), RecordClassSyntaxError)
  }
})

test('every class is read back from its text', () => {
  assert.equal(formatRecordClass(recordClassOf(32)), 'CLASS32')
  fc.assert(
    fc.property(fc.nat(0xffff), (number) => {
      assert.equal(parseRecordClass(formatRecordClass(recordClassOf(number))), number)
    }),
  )
})
