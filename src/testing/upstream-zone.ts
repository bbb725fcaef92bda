import { type IpAddress, parseIp } from '../ip/address.ts'
import { parseName } from '../wire/name.ts'
import type { Question } from '../wire/question.ts'
import { type Rcode, rcode } from '../wire/rcode.ts'
import type { RecordData, ResourceRecord } from '../wire/record.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'

/** What a scripted upstream says; `silent` says nothing at all. */
export interface ZoneAnswer {
  readonly rcode: Rcode
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  readonly additionals: readonly ResourceRecord[]
  readonly silent?: boolean
  /** Is said when somebody asks for a `release`. */
  readonly isHeld?: boolean
  readonly isRelease?: boolean
  /** Sends it whole over UDP, whatever the client can take. */
  readonly oversized?: boolean
}

type KnownData = Exclude<RecordData, { kind: 'unknown' }>

const ttl = 60

function record(name: string, data: KnownData): ResourceRecord {
  return { name: parseName(name), type: recordType[data.kind], class: recordClass.IN, ttl, data }
}

function address(name: string, ip: IpAddress): ResourceRecord {
  return record(name, { kind: ip.includes(':') ? 'AAAA' : 'A', address: ip })
}

const soa = record('up.test.', {
  kind: 'SOA',
  mname: parseName('ns.up.test.'),
  rname: parseName('hostmaster.up.test.'),
  serial: 1,
  refresh: 3600,
  retry: 600,
  expire: 86_400,
  minimum: 30,
})

const found = { rcode: rcode.NOERROR, authorities: [], additionals: [] }
const empty: ZoneAnswer = { ...found, answers: [], authorities: [soa] }

/**
 * The zone `up.test` that tests ask for: `big` has 42 addresses, `srv` additional records, `alias` a
 * chain; `rcodeN` has that rcode, `drop` is silent, `held` waits for a `release`,
 * `refused` and `servfail` are what they say, `whoami` names the server.
 */
export function answerFromZone({ name, type }: Question, server: string): ZoneAnswer {
  const asked = name.toLowerCase()
  const label = asked.slice(0, asked.indexOf('.'))
  const isA = type === recordType.A
  if (!asked.endsWith('up.test.')) return { ...empty, rcode: rcode.NXDOMAIN }
  const [, number] = /^rcode(\d+)$/.exec(label) ?? []
  if (number !== undefined) return { ...empty, rcode: Number(number) as Rcode }
  switch (label) {
    case 'big': {
      const many = Array.from({ length: 42 }, (_, at) => parseIp(`203.0.113.${at + 1}`))
      return isA
        ? { ...found, answers: many.map((ip) => address(name, ip)), oversized: true }
        : empty
    }
    case 'txt8k': {
      const strings = Array.from({ length: 32 }, () => new Uint8Array(250).fill(0x61))
      return { ...found, answers: [record(name, { kind: 'TXT', strings })] }
    }
    case 'held':
      return { ...found, answers: isA ? [{ ...v4only, name }] : [], isHeld: true }
    case 'release':
      return { ...empty, isRelease: true }
    case 'drop':
      return { ...empty, silent: true }
    case 'nx':
      return { ...empty, rcode: rcode.NXDOMAIN }
    case 'servfail':
      return { ...empty, rcode: rcode.SERVFAIL, authorities: [] }
    case 'refused':
      return { ...empty, rcode: rcode.REFUSED, authorities: [] }
    case 'alias': {
      const target = parseName('v4only.up.test.')
      const answers = [record(name, { kind: 'CNAME', name: target })]
      return { ...found, answers: isA ? [...answers, v4only] : answers }
    }
    case 'srv': {
      const targets = [1, 2, 3].map((at) => `t${at}.up.test.`)
      return {
        ...found,
        answers: targets.map((text, at) =>
          record(name, { kind: 'SRV', priority: at, weight: 1, port: 80, target: parseName(text) }),
        ),
        additionals: targets.map((text, at) => address(text, parseIp(`203.0.113.10${at}`))),
      }
    }
    case 'whoami':
      return { ...found, answers: [record(name, { kind: 'TXT', strings: [Buffer.from(server)] })] }
    case 'endpoint':
      return endpoint(name, type)
    default:
      return isA ? { ...found, answers: [{ ...v4only, name }] } : empty
  }
}

const v4only = address('v4only.up.test.', parseIp('203.0.113.4'))

function endpoint(name: string, type: Question['type']): ZoneAnswer {
  if (type === recordType.A) return { ...found, answers: [address(name, parseIp('192.0.2.80'))] }
  if (type !== recordType.AAAA) return empty
  return { ...found, answers: [address(name, parseIp('2001:db8::80'))] }
}
