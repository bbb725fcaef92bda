import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { anyMessage, anyMutation, octetsUpTo } from '../testing/arbitrary-message.ts'
import { decodeMessage, encodeMessage, type Message, MessageTooLargeError } from './message.ts'
import { parseName } from './name.ts'
import { queryOf } from './query.ts'
import { rcode } from './rcode.ts'
import { WireFormatError } from './reader.ts'
import { recordClass } from './record-class.ts'
import { recordType } from './record-type.ts'
import { WireValueError } from './writer.ts'

const question = { name: parseName('a.b'), type: recordType.TXT, class: recordClass.IN }

const query = queryOf(question, { id: 1 })

function withText(octets: number): Message {
  const strings = Array.from({ length: Math.floor(octets / 256) }, () => new Uint8Array(255))
  const data = { kind: 'TXT' as const, strings: [...strings, new Uint8Array((octets % 256) - 1)] }
  return { ...query, answers: [{ ...question, ttl: 0, data }] }
}

test('any message survives being written and read', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      assert.deepEqual(decodeMessage(encodeMessage(message)), message)
    }),
  )
})

test('a message of ours that was read is written as it came', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const octets = encodeMessage(message)
      assert.deepEqual(encodeMessage(decodeMessage(octets)), octets)
    }),
  )
})

test('random octets are read or refused with the place, and nothing else happens', () => {
  fc.assert(fc.property(octetsUpTo(64), refusesProperly), { numRuns: 2_000 })
})

test('random octets behind a likely header are read or refused with the place', () => {
  const count = fc.constantFrom(0, 0, 1, 1, 2, 255)
  const counts = fc.tuple(count, count, count, count)
  const body = fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 5, 12, 0x29, 0xc0), fc.nat(255)))
  fc.assert(
    fc.property(counts, body, (counts, body) => {
      refusesProperly(
        Uint8Array.from([0, 0, 0, 0, ...counts.flatMap((count) => [0, count]), ...body]),
      )
    }),
    { numRuns: 2_000 },
  )
})

test('a message with changed octets is read or refused with the place', () => {
  fc.assert(
    fc.property(anyMessage, anyMutation, (message, mutate) => {
      refusesProperly(mutate(encodeMessage(message)))
    }),
    { numRuns: 2_000 },
  )
})

test('a message cut off anywhere is refused', () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(), (message, at) => {
      const octets = encodeMessage(message)
      assert.throws(() => decodeMessage(octets.subarray(0, at % octets.length)), WireFormatError)
    }),
  )
})

test('what was read does not change with the octets it was read from', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const octets = Buffer.from(encodeMessage(message))
      const decoded = decodeMessage(octets)
      octets.fill(0xaa)
      assert.deepEqual(decoded, message)
    }),
  )
})

test('a message fits its limit to the octet', () => {
  const { length } = encodeMessage(query)
  assert.equal(encodeMessage(query, { limitOctets: length }).length, length)
  assert.throws(() => encodeMessage(query, { limitOctets: length - 1 }), MessageTooLargeError)
})

test('no message is larger than TCP can say', () => {
  const room = 65_535 - encodeMessage(withText(1)).length + 1
  assert.equal(encodeMessage(withText(room)).length, 65_535)
  assert.throws(() => encodeMessage(withText(room + 1)), MessageTooLargeError)
  assert.throws(() => encodeMessage(withText(room + 1), { limitOctets: 1e6 }), MessageTooLargeError)
})

test('data of more than 65535 octets is refused', () => {
  assert.throws(() => encodeMessage(withText(65_537)), WireValueError)
})

test('an rcode beyond the header needs EDNS', () => {
  const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options: [] }
  const message = { ...query, rcode: rcode.BADVERS, edns }
  assert.deepEqual(decodeMessage(encodeMessage(message)), message)
  assert.throws(() => encodeMessage({ ...query, rcode: rcode.BADVERS }), WireValueError)
})

test('a TTL beyond 32 bits is refused', () => {
  const [answer] = withText(1).answers
  assert.ok(answer)
  const message = { ...query, answers: [{ ...answer, ttl: 2 ** 32 }] }
  assert.throws(() => encodeMessage(message), WireValueError)
})

test('the OPT record stands before other additional records, so that a TSIG stays the last', () => {
  const data = { kind: 'unknown' as const, octets: Uint8Array.of(1) }
  const tsig = { name: parseName('k'), type: recordType.TSIG, class: recordClass.ANY, ttl: 0, data }
  const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options: [] }
  const octets = encodeMessage({ ...query, additionals: [tsig], edns })
  assert.equal(Buffer.from(octets.subarray(-14, -10)).toString('hex'), '016b0000')
  assert.deepEqual(decodeMessage(octets), { ...query, additionals: [tsig], edns })
})

test('a long chain of pointers costs each name no more than a bounded number of steps', () => {
  const pointers = Array.from({ length: 8_000 }, (_, index) => {
    const target = index === 0 ? 12 : 13 + 2 * (index - 1)
    return [0xc0 | (target >> 8), target & 0xff]
  }).flat()
  const header = Buffer.from('000000000001000000000000', 'hex')
  const octets = Buffer.concat([header, Buffer.from([0, ...pointers, 0, 1, 0, 1])])
  assert.throws(() => decodeMessage(octets), WireFormatError)
})

function refusesProperly(octets: Uint8Array): void {
  try {
    decodeMessage(octets)
  } catch (error) {
    assert.ok(error instanceof WireFormatError, String(error))
    assert.ok(error.offset >= 0 && error.offset <= octets.length, error.message)
  }
}
