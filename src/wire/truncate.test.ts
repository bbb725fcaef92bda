import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { parseIp } from '../ip/address.ts'
import { anyMessage } from '../testing/arbitrary-message.ts'
import { extendedError, extendedErrorOption } from './extended-error.ts'
import { decodeMessage, encodeMessage, type Message, MessageTooLargeError } from './message.ts'
import { parseName } from './name.ts'
import { opcode } from './opcode.ts'
import { rcode } from './rcode.ts'
import type { ResourceRecord } from './record.ts'
import { recordClass } from './record-class.ts'
import { recordType } from './record-type.ts'
import { encodeWithin } from './truncate.ts'

function addresses(owner: string, count: number): ResourceRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    name: parseName(owner),
    type: recordType.A,
    class: recordClass.IN,
    ttl: 60,
    data: { kind: 'A', address: parseIp(`240.0.0.${index}`) },
  }))
}

const bare: Message = {
  id: 1,
  response: true,
  opcode: opcode.QUERY,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authenticData: false,
  checkingDisabled: false,
  rcode: rcode.NOERROR,
  questions: [{ name: parseName('giant-tc'), type: recordType.A, class: recordClass.IN }],
  answers: [],
  authorities: [],
  additionals: [],
}

const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: false, options: [] }
const cookie = { code: 10, octets: new Uint8Array(16) }
const reason = extendedErrorOption({ code: extendedError.OTHER, text: 'because' })

interface Case {
  readonly title: string
  readonly message: Message
  readonly limitOctets: number
  /** Records kept of answers, authorities, additionals. */
  readonly want: readonly [answers: number, authorities: number, additionals: number]
  readonly truncated: boolean
  readonly length: number
}

const answers = addresses('giant-tc', 64)

const cases: readonly Case[] = [
  {
    title: '29 addresses of another owner fit into 512 octets',
    message: { ...bare, answers: addresses('aaaaaaaaaaaa.aaaaaa', 64) },
    limitOctets: 512,
    want: [29, 0, 0],
    truncated: true,
    length: 26 + 35 + 28 * 16,
  },
  {
    title: '30 addresses of the name that was asked fit',
    message: { ...bare, answers },
    limitOctets: 512,
    want: [30, 0, 0],
    truncated: true,
    length: 26 + 30 * 16,
  },
  {
    title: 'the OPT record takes the place of one of them',
    message: { ...bare, answers, edns },
    limitOctets: 512,
    want: [29, 0, 0],
    truncated: true,
    length: 26 + 29 * 16 + 11,
  },
  {
    title: 'all fit into the exact number of octets',
    message: { ...bare, answers, edns },
    limitOctets: 26 + 64 * 16 + 11,
    want: [64, 0, 0],
    truncated: false,
    length: 26 + 64 * 16 + 11,
  },
  {
    title: 'one octet less costs one record',
    message: { ...bare, answers, edns },
    limitOctets: 26 + 64 * 16 + 10,
    want: [63, 0, 0],
    truncated: true,
    length: 26 + 63 * 16 + 11,
  },
  {
    title: 'additional records go first',
    message: {
      ...bare,
      answers: answers.slice(2),
      authorities: answers.slice(1),
      additionals: answers,
    },
    limitOctets: 26 + 16 * (62 + 63 + 1) + 15,
    want: [62, 63, 1],
    truncated: true,
    length: 26 + 16 * (62 + 63 + 1),
  },
  {
    title: 'nothing small slips in behind what did not fit',
    message: {
      ...bare,
      authorities: [...addresses('x'.repeat(63), 1), ...answers],
      additionals: answers,
    },
    limitOctets: 26 + 50,
    want: [0, 0, 0],
    truncated: true,
    length: 26,
  },
  {
    title: 'TC stays when it was set before',
    message: { ...bare, truncated: true, answers: answers.slice(0, 1) },
    limitOctets: 512,
    want: [1, 0, 0],
    truncated: true,
    length: 26 + 16,
  },
]

for (const { title, message, limitOctets, want, truncated, length } of cases) {
  test(title, () => {
    const octets = encodeWithin(message, limitOctets)
    const decoded = decodeMessage(octets)
    const { answers, authorities, additionals } = decoded
    assert.deepEqual([answers.length, authorities.length, additionals.length], want)
    assert.equal(decoded.truncated, truncated)
    assert.equal(octets.length, length)
    assert.deepEqual(decoded.edns, message.edns)
  })
}

test('extended errors make way before any record does', () => {
  const message = { ...bare, answers, edns: { ...edns, options: [cookie, reason] } }
  const whole = encodeMessage(message).length
  assert.equal(decodeMessage(encodeWithin(message, whole)).edns?.options.length, 2)
  const decoded = decodeMessage(encodeWithin(message, whole - 1))
  assert.deepEqual(decoded.edns?.options, [cookie])
  assert.equal(decoded.answers.length, 64)
  assert.equal(decoded.truncated, true)
})

test('other options stay until there is no room beside the question', () => {
  const message = { ...bare, answers, edns: { ...edns, options: [cookie, reason] } }
  const least = 26 + 11 + 20
  assert.deepEqual(decodeMessage(encodeWithin(message, least)).edns?.options, [cookie])
  assert.deepEqual(decodeMessage(encodeWithin(message, least - 1)).edns?.options, [])
  assert.equal(encodeWithin(message, 26 + 11).length, 26 + 11)
  assert.throws(() => encodeWithin(message, 26 + 10), MessageTooLargeError)
})

test('a question that does not fit is an error', () => {
  assert.throws(() => encodeWithin(bare, 25), MessageTooLargeError)
  assert.equal(encodeWithin(bare, 26).length, 26)
})

test('no limit is above 65535 octets', () => {
  const message = { ...bare, answers: Array.from({ length: 70 }, () => answers).flat() }
  const octets = encodeWithin(message, 1e6)
  assert.ok(octets.length > 65_535 - 16 && octets.length <= 65_535)
  assert.equal(decodeMessage(octets).truncated, true)
})

test('any message in any limit is a message, within it, of leading records, with TC when some are missing', () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(1_500), (message, limitOctets) => {
      const octets = tryEncodeWithin(message, limitOctets)
      if (!octets) return
      assert.ok(octets.length <= limitOctets)
      const decoded = decodeMessage(octets)
      const all = [message.answers, message.authorities, message.additionals]
      const kept = [decoded.answers, decoded.authorities, decoded.additionals]
      kept.forEach((records, section) => {
        assert.deepEqual(records, all[section]?.slice(0, records.length))
      })
      const counts = kept.flat().length
      const isComplete = counts === all.flat().length && sameEdns(decoded, message)
      assert.equal(decoded.truncated, message.truncated || !isComplete)
      if (isComplete) assert.deepEqual(octets, encodeMessage(message))
      assert.equal(kept.flat().length, firstMissing(kept, all))
    }),
  )
})

function tryEncodeWithin(message: Message, limitOctets: number): Uint8Array | undefined {
  try {
    return encodeWithin(message, limitOctets)
  } catch (error) {
    assert.ok(error instanceof MessageTooLargeError)
    return undefined
  }
}

function sameEdns(one: Message, other: Message): boolean {
  return one.edns?.options.length === other.edns?.options.length
}

/** How many records stand before the first one that is missing. */
function firstMissing(kept: readonly (readonly unknown[])[], all: readonly (readonly unknown[])[]) {
  let count = 0
  for (const [section, records] of kept.entries()) {
    count += records.length
    if (records.length < (all[section]?.length ?? 0)) break
  }
  return count
}
