import assert from 'node:assert/strict'
import test from 'node:test'
import { formatRcode, rcode, rcodeOf } from './rcode.ts'

test('a code is put together from the bits of the header and those of EDNS', () => {
  assert.equal(rcodeOf(3), rcode.NXDOMAIN)
  assert.equal(rcodeOf(0, 1), rcode.BADVERS)
  assert.equal(rcodeOf(7, 1), rcode.BADCOOKIE)
})

test('a code is written by its name, or by its number', () => {
  assert.equal(formatRcode(rcode.SERVFAIL), 'SERVFAIL')
  assert.equal(formatRcode(rcodeOf(12)), 'RCODE12')
})
