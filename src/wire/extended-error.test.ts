import assert from 'node:assert/strict'
import test from 'node:test'
import type { EdnsOption } from './edns.ts'
import {
  extendedError,
  extendedErrorOption,
  extendedErrorsOf,
  formatExtendedErrorCode,
  withoutExtendedErrors,
} from './extended-error.ts'

const cookie: EdnsOption = { code: 10, octets: new Uint8Array(8) }

function ednsWith(...options: EdnsOption[]) {
  return { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options }
}

test('an error is an option of a code and text', () => {
  const option = extendedErrorOption({ code: extendedError.NETWORK_ERROR, text: 'ü' })
  assert.deepEqual(option, { code: 15, octets: Uint8Array.of(0, 23, 0xc3, 0xbc) })
})

test('errors are found among other options, in order', () => {
  const errors = [
    { code: extendedError.NOT_READY, text: 'no table yet' },
    { code: extendedError.OTHER, text: '' },
  ]
  const [first, second] = errors.map(extendedErrorOption)
  assert.ok(first && second)
  assert.deepEqual(extendedErrorsOf(ednsWith(first, cookie, second)), errors)
})

test('a zero octet at the end of the text is not text', () => {
  const octets = Uint8Array.of(0, 18, 0x61, 0)
  assert.deepEqual(extendedErrorsOf(ednsWith({ code: 15, octets })), [
    { code: extendedError.PROHIBITED, text: 'a' },
  ])
})

test('an option too short to hold a code is no error', () => {
  assert.deepEqual(extendedErrorsOf(ednsWith({ code: 15, octets: Uint8Array.of(1) })), [])
})

test('errors can be taken away from the other options', () => {
  const edns = ednsWith(cookie, extendedErrorOption({ code: extendedError.OTHER, text: 'x' }))
  assert.deepEqual(withoutExtendedErrors(edns), ednsWith(cookie))
})

test('a code is written by its name, or by its number', () => {
  assert.equal(formatExtendedErrorCode(extendedError.STALE_ANSWER), 'STALE_ANSWER')
  const [error] = extendedErrorsOf(ednsWith({ code: 15, octets: Uint8Array.of(1, 0) }))
  assert.ok(error)
  assert.equal(formatExtendedErrorCode(error.code), 'EDE256')
})
