import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { parseIp } from '../ip/address.ts'
import { extendedError, extendedErrorOption } from './extended-error.ts'
import { decodeMessage, type Message } from './message.ts'
import { parseName } from './name.ts'
import { rcode } from './rcode.ts'
import type { RecordData } from './record.ts'
import { recordClass } from './record-class.ts'
import { formatRecordType, type RecordType, recordType, recordTypeOf } from './record-type.ts'
import { encodeWithin } from './truncate.ts'

const run = promisify(execFile)
const digVersion = await run('dig', ['-v']).catch(() => undefined)
const skip = digVersion ? false : 'dig is not installed (Debian package bind9-dnsutils)'
if (skip) process.stderr.write(`skipped: ${skip}\n`)

/** What the server answers, set by each test; everything dig asked is in `asked`. */
let answer: (query: Message) => Message
const asked: Message[] = []
let socket: Socket

before(async () => {
  socket = createSocket('udp4')
  socket.on('message', (octets, from) => {
    const query = decodeMessage(octets)
    asked.push(query)
    const limit = query.edns?.udpPayloadOctets ?? 512
    socket.send(encodeWithin(answer(query), limit), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
})

after(() => socket.close())

async function dig(...args: string[]): Promise<string> {
  const server = ['@127.0.0.1', '-p', String(socket.address().port), '+tries=1', '+ignore']
  const { stdout } = await run('dig', [...server, ...args])
  return stdout
}

function respond(query: Message, parts: Partial<Message>): Message {
  return { ...query, response: true, recursionAvailable: true, edns: undefined, ...parts }
}

interface Case {
  readonly title: string
  readonly type: RecordType
  readonly data: RecordData
  /** The data as dig writes it. */
  readonly want: string
}

const name = parseName('other.internal')

const cases: readonly Case[] = [
  {
    title: 'A',
    type: recordType.A,
    data: { kind: 'A', address: parseIp('240.240.0.1') },
    want: '240.240.0.1',
  },
  {
    title: 'AAAA',
    type: recordType.AAAA,
    data: { kind: 'AAAA', address: parseIp('2001:2::1') },
    want: '2001:2::1',
  },
  {
    title: 'CNAME',
    type: recordType.CNAME,
    data: { kind: 'CNAME', name },
    want: 'other.internal.',
  },
  { title: 'NS', type: recordType.NS, data: { kind: 'NS', name }, want: 'other.internal.' },
  { title: 'PTR', type: recordType.PTR, data: { kind: 'PTR', name }, want: 'other.internal.' },
  {
    title: 'MX',
    type: recordType.MX,
    data: { kind: 'MX', preference: 10, exchange: name },
    want: '10 other.internal.',
  },
  {
    title: 'SOA',
    type: recordType.SOA,
    data: {
      kind: 'SOA',
      mname: name,
      rname: parseName('me\\.too.internal'),
      serial: 4_294_967_295,
      refresh: 2,
      retry: 3,
      expire: 4,
      minimum: 5,
    },
    want: 'other.internal. me\\.too.internal. 4294967295 2 3 4 5',
  },
  {
    title: 'SRV',
    type: recordType.SRV,
    data: { kind: 'SRV', priority: 1, weight: 2, port: 8080, target: name },
    want: '1 2 8080 other.internal.',
  },
  {
    title: 'TXT',
    type: recordType.TXT,
    data: { kind: 'TXT', strings: [Buffer.from('one "two"'), Buffer.from([0, 255]), Buffer.of()] },
    want: '"one \\"two\\"" "\\000\\255" ""',
  },
  {
    title: 'HTTPS',
    type: recordType.HTTPS,
    data: {
      kind: 'HTTPS',
      priority: 1,
      target: parseName('.'),
      params: [
        { key: 1, octets: Buffer.from('\x02h2\x02h3') },
        { key: 3, octets: Uint8Array.of(0x20, 0xfb) },
        { key: 4, octets: Uint8Array.of(192, 0, 2, 1) },
      ],
    },
    want: '1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1',
  },
  {
    title: 'SVCB',
    type: recordType.SVCB,
    data: { kind: 'SVCB', priority: 0, target: name, params: [] },
    want: '0 other.internal.',
  },
  {
    title: 'an unknown type',
    type: recordTypeOf(65_280),
    data: { kind: 'unknown', octets: Uint8Array.of(0xc0, 0x0c, 1) },
    want: '\\# 3 C00C01',
  },
]

for (const { title, type, data, want } of cases) {
  test(`dig reads ${title} data as we mean it`, { skip }, async () => {
    answer = (query) => {
      const [question] = query.questions
      assert.ok(question)
      const record = { ...question, ttl: 30, data }
      return respond(query, { answers: [record], additionals: [{ ...record, name }] })
    }
    const output = await dig(
      'Web.Internal',
      formatRecordType(type),
      '+noall',
      '+answer',
      '+additional',
    )
    const line = (owner: string) => `${owner} 30 IN ${formatRecordType(type)} ${want}`
    assert.deepEqual(linesOf(output), [line('Web.Internal.'), line('other.internal.')])
  })
}

test('we read what dig asks', { skip }, async () => {
  answer = (query) => respond(query, {})
  await dig(
    '-t',
    'TYPE65280',
    '-c',
    'CH',
    'a\\.b.\\000\\200.c',
    '+dnssec',
    '+bufsize=1400',
    '+nocookie',
    '+nsid',
  )
  const { id, ...query } = asked.at(-1) ?? assert.fail('dig asked nothing')
  assert.ok(id >= 0)
  assert.deepEqual(query, {
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: true,
    checkingDisabled: false,
    rcode: rcode.NOERROR,
    questions: [{ name: 'a\\.b.\\000\\200.c.', type: recordTypeOf(65_280), class: recordClass.CH }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: {
      udpPayloadOctets: 1400,
      version: 0,
      dnssecOk: true,
      options: [{ code: 3, octets: new Uint8Array() }],
    },
  })
})

test('dig reads our EDNS, its rcode and its extended error', { skip }, async () => {
  const options = [extendedErrorOption({ code: extendedError.NETWORK_ERROR, text: 'no upstream' })]
  const edns = { udpPayloadOctets: 1232, version: 0, dnssecOk: true, options }
  answer = (query) => respond(query, { rcode: rcode.BADCOOKIE, edns })
  const output = await dig('web.internal', '+nobadcookie')
  assert.match(output, /status: BADCOOKIE/)
  assert.match(output, /EDNS: version: 0, flags: do; udp: 1232/)
  assert.match(output, /EDE: 23 \(Network Error\): \(no upstream\)/)
})

test('dig reads a truncated answer, and finds nothing wrong with it', { skip }, async () => {
  const address = (index: number) => parseIp(`240.0.0.${index}`)
  answer = (query) => {
    const [question] = query.questions
    assert.ok(question)
    const answers = Array.from({ length: 64 }, (_, index) => ({
      ...question,
      ttl: 30,
      data: { kind: 'A' as const, address: address(index) },
    }))
    return respond(query, { answers })
  }
  const output = await dig('giant-tc', 'A', '+noedns')
  assert.match(output, /flags: qr tc rd ra ad; QUERY: 1, ANSWER: 30,/)
  assert.match(output, /MSG SIZE {2}rcvd: 506/)
  assert.doesNotMatch(output, /WARNING|malformed|extra/i)
  const whole = await dig('giant-tc', 'A', '+noall', '+answer')
  assert.deepEqual(
    linesOf(whole),
    Array.from({ length: 64 }, (_, index) => `giant-tc. 30 IN A ${address(index)}`),
  )
})

function linesOf(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(';'))
    .map((line) => line.replace(/\s+/g, ' '))
}
