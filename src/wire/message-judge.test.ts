import assert from 'node:assert/strict'
import test from 'node:test'
import dnsPacket, { type Packet } from 'dns-packet'
import fc from 'fast-check'
import { parseIp } from '../ip/address.ts'
import { classicMessage } from '../testing/arbitrary-message.ts'
import { decodeMessage, encodeMessage, type Message } from './message.ts'
import { type Name, parseName } from './name.ts'
import { opcodeOf } from './opcode.ts'
import { rcodeOf } from './rcode.ts'
import type { RecordData, ResourceRecord } from './record.ts'
import { formatRecordClass, parseRecordClass } from './record-class.ts'
import { formatRecordType, parseRecordType, type RecordType } from './record-type.ts'

test('dns-packet reads what we write', () => {
  fc.assert(
    fc.property(classicMessage, (message) => {
      const read = dnsPacket.decode(Buffer.from(encodeMessage(message)))
      assert.deepEqual(fromJudge(read as unknown as JudgePacket), message)
    }),
  )
})

test('we read what dns-packet writes', () => {
  fc.assert(
    fc.property(classicMessage, (message) => {
      const written = dnsPacket.encode(toJudge(message) as unknown as Packet)
      assert.deepEqual(decodeMessage(written), message)
    }),
  )
})

/** A record as dns-packet has it; its own types know only some of them. */
interface JudgeRecord {
  readonly name: string
  readonly type: string
  readonly class?: string
  readonly ttl?: number
  readonly data?: unknown
  readonly udpPayloadSize?: number
  readonly extendedRcode?: number
  readonly ednsVersion?: number
  readonly flags?: number
  readonly options?: readonly { readonly code: number; readonly data: Buffer }[]
}

interface JudgePacket {
  readonly id: number
  readonly type: 'query' | 'response'
  readonly flags: number
  readonly questions: readonly JudgeRecord[]
  readonly answers: readonly JudgeRecord[]
  readonly authorities: readonly JudgeRecord[]
  readonly additionals: readonly JudgeRecord[]
}

const flag = { aa: 0x400, tc: 0x200, rd: 0x100, ra: 0x80, ad: 0x20, cd: 0x10, do: 0x8000 }

function toJudge(message: Message): JudgePacket {
  const { edns, rcode } = message
  const opt: JudgeRecord[] = edns
    ? [
        {
          name: '.',
          type: 'OPT',
          udpPayloadSize: edns.udpPayloadOctets,
          extendedRcode: rcode >> 4,
          ednsVersion: edns.version,
          flags: edns.dnssecOk ? flag.do : 0,
          options: edns.options.map(({ code, octets }) => ({ code, data: Buffer.from(octets) })),
        },
      ]
    : []
  return {
    id: message.id,
    type: message.response ? 'response' : 'query',
    flags:
      (message.opcode << 11) |
      (message.authoritative ? flag.aa : 0) |
      (message.truncated ? flag.tc : 0) |
      (message.recursionDesired ? flag.rd : 0) |
      (message.recursionAvailable ? flag.ra : 0) |
      (message.authenticData ? flag.ad : 0) |
      (message.checkingDisabled ? flag.cd : 0) |
      (rcode & 0xf),
    questions: message.questions.map(({ name, type, class: inClass }) => ({
      name: judgeName(name),
      type: judgeType(type),
      class: formatRecordClass(inClass),
    })),
    answers: message.answers.map(toJudgeRecord),
    authorities: message.authorities.map(toJudgeRecord),
    additionals: [...message.additionals.map(toJudgeRecord), ...opt],
  }
}

function fromJudge(packet: JudgePacket): Message {
  const opt = packet.additionals.find(({ type }) => type === 'OPT')
  const has = (bit: number) => (packet.flags & bit) !== 0
  const edns = opt && {
    udpPayloadOctets: opt.udpPayloadSize ?? 0,
    version: opt.ednsVersion ?? 0,
    dnssecOk: ((opt.flags ?? 0) & flag.do) !== 0,
    options: (opt.options ?? []).map(({ code, data }) => ({ code, octets: new Uint8Array(data) })),
  }
  return {
    id: packet.id,
    response: packet.type === 'response',
    opcode: opcodeOf((packet.flags >> 11) & 0xf),
    authoritative: has(flag.aa),
    truncated: has(flag.tc),
    recursionDesired: has(flag.rd),
    recursionAvailable: has(flag.ra),
    authenticData: has(flag.ad),
    checkingDisabled: has(flag.cd),
    rcode: rcodeOf(packet.flags & 0xf, opt?.extendedRcode),
    questions: packet.questions.map(({ name, type, class: inClass = '' }) => ({
      name: parseName(name),
      type: parseRecordType(type.replace('UNKNOWN_', 'TYPE')),
      class: parseRecordClass(inClass),
    })),
    answers: packet.answers.map(fromJudgeRecord),
    authorities: packet.authorities.map(fromJudgeRecord),
    additionals: packet.additionals.filter((record) => record !== opt).map(fromJudgeRecord),
    ...(edns ? { edns } : {}),
  }
}

function toJudgeRecord({ name, type, class: inClass, ttl, data }: ResourceRecord): JudgeRecord {
  const common = { name: judgeName(name), type: judgeType(type), class: formatRecordClass(inClass) }
  return { ...common, ttl, data: toJudgeData(data) }
}

function toJudgeData(data: RecordData): unknown {
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return data.address
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return judgeName(data.name)
    case 'SOA':
      return { ...data, mname: judgeName(data.mname), rname: judgeName(data.rname) }
    case 'SRV':
      return { ...data, target: judgeName(data.target) }
    case 'MX':
      return { ...data, exchange: judgeName(data.exchange) }
    case 'TXT':
      return data.strings.map((octets) => Buffer.from(octets))
    case 'unknown':
      return Buffer.from(data.octets)
    case 'SVCB':
    case 'HTTPS':
      throw new Error('dns-packet does not know this type')
  }
}

function fromJudgeRecord(record: JudgeRecord): ResourceRecord {
  const { name, type, class: inClass = '', ttl = 0 } = record
  return {
    name: parseName(name),
    type: parseRecordType(type.replace('UNKNOWN_', 'TYPE')),
    class: parseRecordClass(inClass),
    ttl,
    data: fromJudgeData(type, record.data),
  }
}

function fromJudgeData(type: string, data: unknown): RecordData {
  switch (type) {
    case 'A':
    case 'AAAA':
      return { kind: type, address: parseIp(data as string) }
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { kind: type, name: parseName(data as string) }
    case 'SOA': {
      const soa = data as Omit<RecordData & { kind: 'SOA' }, 'kind'>
      return { kind: type, ...soa, mname: parseName(soa.mname), rname: parseName(soa.rname) }
    }
    case 'SRV': {
      const srv = data as Omit<RecordData & { kind: 'SRV' }, 'kind'>
      return { kind: type, ...srv, target: parseName(srv.target) }
    }
    case 'MX': {
      const mx = data as Omit<RecordData & { kind: 'MX' }, 'kind'>
      return { kind: type, ...mx, exchange: parseName(mx.exchange) }
    }
    case 'TXT':
      return { kind: type, strings: (data as Buffer[]).map((octets) => new Uint8Array(octets)) }
  }
  return { kind: 'unknown', octets: new Uint8Array(data as Buffer) }
}

function judgeName(name: Name): string {
  return name === '.' ? name : name.slice(0, -1)
}

function judgeType(type: RecordType): string {
  return formatRecordType(type).replace('TYPE', 'UNKNOWN_')
}
