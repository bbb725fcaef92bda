import assert from 'node:assert/strict'
import test from 'node:test'
import { formatOpcode, opcode, opcodeOf } from './opcode.ts'

test('an opcode is written by its name, or by its number', () => {
  assert.equal(formatOpcode(opcode.NOTIFY), 'NOTIFY')
  assert.equal(formatOpcode(opcodeOf(7)), 'OPCODE7')
})
