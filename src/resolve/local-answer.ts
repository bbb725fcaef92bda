import { familyOf, type IpAddress } from '../ip/address.ts'
import { contains, type Prefix } from '../ip/prefix.ts'
import { ipOfReverseName } from '../ip/reverse-name.ts'
import { type Hostname, isWildcard } from '../registry/hostname.ts'
import type { NamedPort } from '../registry/name-record.ts'
import { type Name, nameKey, parseName } from '../wire/name.ts'
import type { Question } from '../wire/question.ts'
import { type Rcode, rcode } from '../wire/rcode.ts'
import type { RecordData, ResourceRecord } from '../wire/record.ts'
import { recordClass } from '../wire/record-class.ts'
import { type RecordType, recordType } from '../wire/record-type.ts'
import type { HostMatch, HostTable } from './host-table.ts'

/** What the mesh says to a question. */
export interface LocalAnswer {
  /** The host it depends on; when that changes, so does the answer. */
  readonly host: Hostname | undefined
  readonly rcode: Rcode
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  readonly additionals: readonly ResourceRecord[]
  /** The rest of the answer is what this name has, in the mesh or upstream. */
  readonly continueAt?: Name
}

export interface LocalAnswerOptions {
  readonly ttlSeconds: number
  /** Ranges whose reverse names are ours alone. */
  readonly virtualPrefixes: readonly Prefix[]
}

const service = /^_([^.\\]+)\._(tcp|udp)\./

/**
 * Answers from the mesh; `undefined` when the name is not the mesh's.
 *
 * A known host is answered whatever the type: what it does not have is an empty answer, so that no
 * hint from elsewhere (HTTPS, SVCB) leads round the mesh.
 */
export function answerLocally(
  table: HostTable,
  question: Question,
  options: LocalAnswerOptions,
): LocalAnswer | undefined {
  const name = nameKey(question.name).slice(0, -1)
  const address = ipOfReverseName(name)
  if (address !== undefined) return answerReverse(table, question, { ...options, address })
  const labels = service.exec(name)
  const hostPart = labels ? name.slice(labels[0].length) : name
  const match = table.lookup(hostPart)
  if (!match) return answerBinding(table, question, options)
  const ttl = match.record.ttlSeconds ?? options.ttlSeconds
  const zone = labels ? parseName(question.name.slice(labels[0].length)) : question.name
  const context: Context = { question, match, zone, ttl }
  if (labels) return answerService(context, labels[1] ?? '', labels[2] ?? '')
  if (match.record.externalName !== undefined)
    return answerAlias(context, match.record.externalName)
  return answerAddresses(context)
}

interface Context {
  readonly question: Question
  readonly match: HostMatch
  /** The host as it was asked for: owner of the SOA, target of SRV records. */
  readonly zone: Name
  readonly ttl: number
}

function answerAddresses(context: Context): LocalAnswer {
  const { question, match, ttl } = context
  const addresses = (match.endpoint ?? match.record).addresses.filter((address) =>
    hasAddressType(question.type, address),
  )
  if (addresses.length === 0) return empty(context, rcode.NOERROR)
  return full(
    context,
    addresses.map((address) => addressRecord(question.name, address, ttl)),
  )
}

/** SRV of `_port._protocol.host` (RFC 2782); a port that nobody declared does not exist. */
function answerService(context: Context, portName: string, protocol: string): LocalAnswer {
  const { question, match, zone, ttl } = context
  const wanted = (port: NamedPort) => port.name === portName && port.protocol === protocol
  const targets = [{ zone, ...(match.endpoint ?? match.record) }]
  const endpoints = match.endpoint ? [] : match.record.endpoints
  const spread = endpoints.map((end) => ({ ...end, zone: parseName(`${end.label}.${zone}`) }))
  const found = (spread.length > 0 ? spread : targets).flatMap(({ zone: target, ...of }) =>
    of.ports.filter(wanted).map((port) => ({ target, port, addresses: of.addresses })),
  )
  if (found.length === 0) {
    const declared = match.record.ports.some(wanted)
    return empty(context, declared ? rcode.NOERROR : rcode.NXDOMAIN)
  }
  if (question.type !== recordType.SRV && question.type !== recordType.ANY) {
    return empty(context, rcode.NOERROR)
  }
  const answers = found.map(({ target, port }) =>
    record(question.name, ttl, { kind: 'SRV', priority: 0, weight: 1, port: port.number, target }),
  )
  const additionals = found.flatMap(({ target, addresses }) =>
    addresses.map((address) => addressRecord(target, address, ttl)),
  )
  return { ...full(context, answers), additionals }
}

/**
 * HTTPS and SVCB of `_8443._https.host` or `_dns.host` (RFC 9460 §2.3): nothing, as of the host
 * itself. Other types of such names (`_acme-challenge`, …) are not the mesh's.
 */
function answerBinding(
  table: HostTable,
  question: Question,
  options: LocalAnswerOptions,
): LocalAnswer | undefined {
  if (question.type !== recordType.HTTPS && question.type !== recordType.SVCB) return undefined
  const zone = question.name.replace(/^(_[^.\\]+\.)+/, '')
  if (zone === question.name || zone === '') return undefined
  const match = table.lookup(nameKey(parseName(zone)).slice(0, -1))
  if (!match) return undefined
  const ttl = match.record.ttlSeconds ?? options.ttlSeconds
  return empty({ question, match, zone: parseName(zone), ttl }, rcode.NOERROR)
}

/** A Service of type ExternalName is a CNAME; whoever wants more follows it. */
function answerAlias(context: Context, externalName: string): LocalAnswer {
  const { question, ttl } = context
  const target = parseName(`${externalName}.`)
  const answer = full(context, [record(question.name, ttl, { kind: 'CNAME', name: target })])
  const isComplete = question.type === recordType.CNAME || question.type === recordType.ANY
  return isComplete ? answer : { ...answer, continueAt: target }
}

/** PTR of addresses of the mesh; nothing of a virtual range is asked elsewhere. */
function answerReverse(
  table: HostTable,
  question: Question,
  options: LocalAnswerOptions & { readonly address: IpAddress },
): LocalAnswer | undefined {
  const hosts = table.hostsAt(options.address)
  const [first] = hosts
  const isVirtual = options.virtualPrefixes.some((prefix) => contains(prefix, options.address))
  if (!first && !isVirtual) return undefined
  const ttl = first?.ttlSeconds ?? options.ttlSeconds
  const wanted = question.type === recordType.PTR || question.type === recordType.ANY
  const answers = hosts
    .filter(({ host }) => wanted && !isWildcard(host))
    .map(({ host }) => record(question.name, ttl, { kind: 'PTR', name: parseName(`${host}.`) }))
  const authorities = answers.length > 0 ? [] : [startOfAuthority(question.name, ttl)]
  const code = first ? rcode.NOERROR : rcode.NXDOMAIN
  return { host: first?.host, rcode: code, answers, authorities, additionals: [] }
}

function full({ match }: Context, answers: readonly ResourceRecord[]): LocalAnswer {
  const host = match.record.host
  return { host, rcode: rcode.NOERROR, answers, authorities: [], additionals: [] }
}

/** NOERROR or NXDOMAIN without records, with the SOA that lets resolvers keep it (RFC 2308). */
function empty({ match, zone, ttl }: Context, code: Rcode): LocalAnswer {
  const authorities = [startOfAuthority(zone, ttl)]
  return { host: match.record.host, rcode: code, answers: [], authorities, additionals: [] }
}

function startOfAuthority(zone: Name, ttl: number): ResourceRecord {
  const timers = { serial: 1, refresh: 7200, retry: 1800, expire: 86_400, minimum: ttl }
  return record(zone, ttl, { kind: 'SOA', mname: zone, rname: zone, ...timers })
}

function addressRecord(name: Name, address: IpAddress, ttl: number): ResourceRecord {
  return record(name, ttl, { kind: familyOf(address) === 4 ? 'A' : 'AAAA', address })
}

function hasAddressType(type: RecordType, address: IpAddress): boolean {
  if (type === recordType.ANY) return true
  return type === (familyOf(address) === 4 ? recordType.A : recordType.AAAA)
}

function record(
  name: Name,
  ttl: number,
  data: Exclude<RecordData, { kind: 'unknown' }>,
): ResourceRecord {
  return { name, type: recordType[data.kind], class: recordClass.IN, ttl, data }
}
