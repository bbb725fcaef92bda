import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { anyEdns, anyMutation, anyName } from '../testing/arbitrary-message.ts'
import { decodeMessage, encodeMessage, type Message } from './message.ts'
import { labelsOf, type Name, nameKey, parseName } from './name.ts'
import { opcode } from './opcode.ts'
import { queryOf } from './query.ts'
import { rcode } from './rcode.ts'
import { recordClass } from './record-class.ts'
import { type RecordType, recordType, recordTypeOf } from './record-type.ts'
import { createQueryScan, hashQuestion, sameQuestion, scanQuery } from './scan.ts'

function query(name: Name, type: RecordType = recordType.A): Message {
  return queryOf({ name, type, class: recordClass.IN }, { id: 0x1234 })
}

const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: true, options: [] }
const cookie = { code: 10, octets: new Uint8Array(8) }
const name = parseName('Web.internal')

test('a plain query is scanned', () => {
  const octets = encodeMessage(query(name, recordType.AAAA))
  const scan = createQueryScan()
  assert.equal(scanQuery(octets, octets.length, scan), true)
  assert.deepEqual(scan, {
    flags: 0x0100,
    questionEnd: 30,
    labelCount: 2,
    qtype: recordType.AAAA,
    qclass: recordClass.IN,
    hasEdns: false,
    dnssecOk: false,
    udpPayloadOctets: 512,
    optionOctets: 0,
  })
})

test('EDNS is scanned, and nothing of it stays for the next query', () => {
  const scan = createQueryScan()
  const octets = encodeMessage({ ...query(name), edns: { ...edns, options: [cookie] } })
  assert.equal(scanQuery(octets, octets.length, scan), true)
  assert.equal(scan.hasEdns && scan.dnssecOk, true)
  assert.deepEqual([scan.udpPayloadOctets, scan.optionOctets], [1232, 12])
  const plain = encodeMessage(query(name))
  assert.equal(scanQuery(plain, plain.length, scan), true)
  assert.equal(scan.hasEdns || scan.dnssecOk, false)
  assert.deepEqual([scan.udpPayloadOctets, scan.optionOctets], [512, 0])
})

test('a payload size below 512 is scanned as 512', () => {
  const octets = encodeMessage({ ...query(name), edns: { ...edns, udpPayloadOctets: 100 } })
  const scan = createQueryScan()
  assert.equal(scanQuery(octets, octets.length, scan), true)
  assert.equal(scan.udpPayloadOctets, 512)
})

test('octets behind the length do not count, and a length beyond them is refused', () => {
  const octets = encodeMessage(query(name))
  const buffer = new Uint8Array(octets.length + 100).fill(0xff)
  buffer.set(octets)
  assert.equal(scanQuery(buffer, octets.length, createQueryScan()), true)
  assert.equal(scanQuery(buffer, octets.length + 1, createQueryScan()), false)
  assert.equal(scanQuery(octets, octets.length + 1, createQueryScan()), false)
})

const record = {
  name,
  type: recordType.TXT,
  class: recordClass.IN,
  ttl: 0,
  data: { kind: 'TXT' as const, strings: [] },
}

const others: readonly { readonly title: string; readonly message: Message }[] = [
  { title: 'a response', message: { ...query(name), response: true } },
  { title: 'another opcode', message: { ...query(name), opcode: opcode.NOTIFY } },
  { title: 'a truncated query', message: { ...query(name), truncated: true } },
  { title: 'an rcode', message: { ...query(name), rcode: rcode.SERVFAIL } },
  { title: 'no question', message: { ...query(name), questions: [] } },
  {
    title: 'two questions',
    message: { ...query(name), questions: [...query(name).questions, ...query(name).questions] },
  },
  { title: 'an answer', message: { ...query(name), answers: [record] } },
  { title: 'an authority', message: { ...query(name), authorities: [record] } },
  { title: 'an additional record', message: { ...query(name), additionals: [record] } },
  { title: 'one beside EDNS', message: { ...query(name), additionals: [record], edns } },
  { title: 'another EDNS version', message: { ...query(name), edns: { ...edns, version: 1 } } },
]

for (const { title, message } of others) {
  test(`${title} is left to the slow path`, () => {
    const octets = encodeMessage(message)
    assert.equal(scanQuery(octets, octets.length, createQueryScan()), false)
  })
}

const malformed: readonly { readonly title: string; readonly hex: string }[] = [
  { title: 'a name that runs over the end', hex: '05616263' },
  { title: 'a name without an end', hex: '0161' },
  { title: 'a pointer', hex: '0161c00c00010001' },
  { title: 'a pointer into the header', hex: 'c00000010001' },
  { title: 'a label of unknown kind', hex: '416100'.repeat(70) },
  { title: 'a missing class', hex: '0161000001' },
  { title: 'one octet more', hex: '0161000001000100' },
  {
    title: 'a name of 256 octets',
    hex: `${`3f${'61'.repeat(63)}`.repeat(3)}3e${'61'.repeat(62)}0000010001`,
  },
]

for (const { title, hex } of malformed) {
  test(`${title} in the question is left to the slow path`, () => {
    const octets = Buffer.from(`123401000001000000000000${hex}`, 'hex')
    assert.equal(scanQuery(octets, octets.length, createQueryScan()), false)
  })
}

test('a name of 255 octets is scanned', () => {
  const long = parseName(`${`${'a'.repeat(63)}.`.repeat(3)}${'a'.repeat(61)}`)
  const octets = encodeMessage(query(long))
  const scan = createQueryScan()
  assert.equal(scanQuery(octets, octets.length, scan), true)
  assert.equal(scan.questionEnd, 12 + 255 + 4)
})

const anyQuery = fc
  .record({ name: anyName, type: fc.nat(0xffff).map(recordTypeOf), edns: fc.option(anyEdns) })
  .map(({ name, type, edns }) =>
    edns ? { ...query(name, type), edns: { ...edns, version: 0 } } : query(name, type),
  )

test('what is scanned is what the slow path reads', () => {
  fc.assert(
    fc.property(anyQuery, anyMutation, fc.boolean(), (message, mutate, change) => {
      const encoded = encodeMessage(message)
      const octets = change ? mutate(encoded) : encoded
      const scan = createQueryScan()
      const isPlain = scanQuery(octets, octets.length, scan)
      if (!change) assert.equal(isPlain, true)
      if (!isPlain) return
      const decoded = decodeMessage(octets)
      const [question] = decoded.questions
      assert.ok(question)
      assert.deepEqual([scan.qtype, scan.qclass], [question.type, question.class])
      assert.equal(scan.labelCount, labelsOf(question.name).length)
      assert.equal(scan.hasEdns, decoded.edns !== undefined)
      assert.equal(scan.dnssecOk, decoded.edns?.dnssecOk ?? false)
      assert.equal(scan.udpPayloadOctets, decoded.edns?.udpPayloadOctets ?? 512)
      const plain = encodeMessage({ ...decoded, edns: undefined })
      assert.equal(scan.questionEnd, plain.length)
    }),
    { numRuns: 2_000 },
  )
})

function questionOctets(name: string, type: RecordType = recordType.A): Uint8Array {
  return encodeMessage(query(parseName(name), type))
}

test('a question is the same in any case', () => {
  const asked = questionOctets('WEB.inTernal')
  const stored = questionOctets('web.internal')
  assert.equal(sameQuestion(asked, stored, asked.length), true)
  assert.equal(hashQuestion(asked, asked.length), hashQuestion(stored, stored.length))
})

test('only letters have a case: neither type nor other octets do', () => {
  const https = questionOctets('web', recordType.HTTPS)
  const type97 = questionOctets('web', recordTypeOf(97))
  assert.equal(sameQuestion(https, type97, https.length), false)
  assert.equal(sameQuestion(questionOctets('[', recordType.A), questionOctets('{'), 19), false)
  assert.equal(sameQuestion(questionOctets('@', recordType.A), questionOctets('`'), 19), false)
})

test('where labels end makes a difference', () => {
  const one = questionOctets('ab.c')
  assert.equal(sameQuestion(one, questionOctets('a.bc'), one.length), false)
})

test('what follows the question in the stored octets does not matter, nor does the ID', () => {
  const asked = questionOctets('web')
  const stored = Uint8Array.from([...asked, 1, 2, 3])
  stored[0] = 0xff
  assert.equal(sameQuestion(asked, stored, asked.length), true)
})

test('two questions are the same when their names, types and classes are', () => {
  fc.assert(
    fc.property(anyName, anyName, fc.boolean(), (one, other, same) => {
      const asked = encodeMessage(query(one))
      const stored = encodeMessage(query(parseName(nameKey(same ? one : other))))
      const want = nameKey(one) === nameKey(same ? one : other)
      assert.equal(sameQuestion(asked, stored, asked.length), want)
      if (want) assert.equal(hashQuestion(asked, asked.length), hashQuestion(stored, asked.length))
    }),
  )
})

test('hashes of many names are spread', () => {
  const hashes = new Set<number>()
  for (let index = 0; index < 20_000; index += 1) {
    const octets = questionOctets(`host-${index}.ns-${index % 7}.svc.cluster.local`)
    const hash = hashQuestion(octets, octets.length)
    assert.equal(hash, hash | 0)
    hashes.add(hash)
  }
  assert.ok(hashes.size > 19_990, `${hashes.size} different hashes`)
})

test('scanning, hashing and comparing leave nothing to collect', () => {
  const asked = encodeMessage({ ...query(name), edns: { ...edns, options: [cookie] } })
  const stored = encodeMessage(query(parseName(nameKey(name))))
  const scan = createQueryScan()
  let found = 0
  const round = () => {
    if (!scanQuery(asked, asked.length, scan)) return
    hashQuestion(asked, scan.questionEnd)
    if (sameQuestion(asked, stored, scan.questionEnd)) found += 1
  }
  const rounds = 100_000
  for (let count = 0; count < rounds; count += 1) round()
  const before = process.memoryUsage().heapUsed
  for (let count = 0; count < rounds; count += 1) round()
  const grown = process.memoryUsage().heapUsed - before
  assert.equal(found, 2 * rounds)
  assert.ok(grown < rounds * 4, `${grown} octets in ${rounds} rounds`)
})
