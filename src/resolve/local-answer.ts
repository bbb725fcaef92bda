import type { IpAddress } from '../ip/address.ts'
import { contains, type Prefix } from '../ip/prefix.ts'
import { ipOfReverseName } from '../ip/reverse-name.ts'
import type { NameRecord } from '../registry/name-record.ts'
import { type Name, nameKey, parseName, tryParseName } from '../wire/name.ts'
import type { Question } from '../wire/question.ts'
import { type Rcode, rcode } from '../wire/rcode.ts'
import type { ResourceRecord } from '../wire/record.ts'
import { recordType } from '../wire/record-type.ts'
import { answerCluster, answerClusterNode } from './cluster-answer.ts'
import { type HostMatch, isPort, type PortLabels } from './host-names.ts'
import type { HostTable } from './host-table.ts'
import { labelEnd } from './label-end.ts'
import {
  addressRecord,
  hasAddressType,
  type LocalAnswer,
  record,
  startOfAuthority,
} from './local-records.ts'

export interface LocalAnswerOptions {
  readonly ttlSeconds: number
  /** Ranges whose reverse names are ours alone. */
  readonly virtualPrefixes: readonly Prefix[]
}

const service = /^_([^.\\]+)\._(tcp|udp|sctp)\./

/** A question's name taken apart as `_port._protocol.host`; the host alone when it is not of that form. */
export function splitService(name: string): { host: string; port?: PortLabels } {
  const labels = service.exec(name)
  if (!labels) return { host: name }
  const [{ length }, port = '', protocol = ''] = labels
  const labelled = { name: port, protocol: protocol as PortLabels['protocol'] }
  return { host: name.slice(length), port: labelled }
}

/**
 * Answers from the mesh, with names in lower case; `undefined` when the name is not the mesh's.
 *
 * A known host is answered whatever the type: what it does not have is an empty answer, so that no
 * hint from elsewhere (HTTPS, SVCB) leads round the mesh.
 */
export function answerLocally(
  table: HostTable,
  asked: Question,
  options: LocalAnswerOptions,
): LocalAnswer | undefined {
  const question = { ...asked, name: parseName(nameKey(asked.name)) }
  const address = ipOfReverseName(question.name.slice(0, -1))
  if (address !== undefined) return answerReverse(table, question, { ...options, address })
  return (
    answerHost(table, question, options) ??
    answerBinding(table, question, options) ??
    deny(table, question, options)
  )
}

function answerHost(
  table: HostTable,
  question: Question,
  options: LocalAnswerOptions,
): LocalAnswer | undefined {
  const name = question.name.slice(0, -1)
  const { host, port } = splitService(name)
  const match = lookup(table, host, { question, ttl: options.ttlSeconds })
  if (!match || 'rcode' in match) return match
  const ttl = match.record.ttlSeconds ?? options.ttlSeconds
  if (match.record.cluster) {
    const complete = isComplete(table, match.record)
    if (port && (match.endpoint || match.port)) return undefined
    return answerCluster({ ...match, ...(port ? { port } : {}) }, { question, ttl, complete })
  }
  const zone = port ? parseName(question.name.slice(name.length - host.length)) : question.name
  const context: Context = { question, match, zone, ttl }
  if (port) return answerService(context, port)
  if (match.record.externalName !== undefined)
    return answerAlias(context, match.record.externalName)
  return answerAddresses(context)
}

/** A match; or an answer, for what a cluster itself has at the name: that goes before search domains and wildcards. */
function lookup(
  table: HostTable,
  name: string,
  { question, ttl }: { readonly question: Question; readonly ttl: number },
): HostMatch | LocalAnswer | undefined {
  const exact = table.exact(name)
  if (exact) return exact
  const { cluster } = table
  const node = cluster?.complete ? answerClusterNode(question, cluster, ttl) : undefined
  if (node && node.rcode === rcode.NOERROR) return node
  return table.lookup(name)
}

/** Nothing has the name; whether that may be said depends on who knows it. */
function deny(
  table: HostTable,
  question: Question,
  { ttlSeconds }: LocalAnswerOptions,
): LocalAnswer | undefined {
  const { cluster } = table
  if (!cluster?.complete || isBelowOther(table, question)) return undefined
  return answerClusterNode(question, cluster, ttlSeconds)
}

/** An entry may have taken the name of a Service, which may have names below it that the entry has not. */
function isBelowOther(table: HostTable, { name }: Question): boolean {
  for (let dot = labelEnd(name, 0); dot >= 0; dot = labelEnd(name, dot + 1)) {
    const parent = table.exact(name.slice(dot + 1, -1))?.record
    if (parent && !parent.cluster) return true
  }
  return false
}

/** Whether all that a cluster's own host has is known. */
function isComplete({ cluster }: HostTable, { host, cluster: own }: NameRecord): boolean {
  if (!cluster?.complete || cluster.domain !== own?.domain) return false
  const { unknownServices, domain } = cluster
  return unknownServices.size === 0 || !unknownServices.has(host.slice(0, -`.svc.${domain}`.length))
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
function answerService(context: Context, wanted: PortLabels): LocalAnswer {
  const { question, match, zone, ttl } = context
  const targets = [{ zone, ...(match.endpoint ?? match.record) }]
  const endpoints = match.endpoint ? [] : match.record.endpoints
  const spread = endpoints.flatMap((end) => {
    const own = tryParseName(`${end.label}.${zone}`)
    return own === undefined ? [] : [{ ...end, zone: own }]
  })
  const found = (spread.length > 0 ? spread : targets).flatMap(({ zone: target, ...of }) =>
    of.ports
      .filter((port) => isPort(port, wanted))
      .map((port) => ({ target, port, addresses: of.addresses })),
  )
  if (found.length === 0) {
    const declared = match.record.ports.some((port) => isPort(port, wanted))
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
  const match = table.lookup(zone.slice(0, -1))
  // Below a cluster's own hosts it is the cluster that knows whether such a name exists.
  if (!match || isComplete(table, match.record)) return undefined
  const ttl = match.record.ttlSeconds ?? options.ttlSeconds
  return empty({ question, match, zone: parseName(zone), ttl }, rcode.NOERROR)
}

/** A host that is another name; whoever wants more follows it. */
function answerAlias(context: Context, externalName: string): LocalAnswer {
  const { question, ttl } = context
  const target = parseName(`${externalName}.`)
  const answer = full(context, [record(question.name, ttl, { kind: 'CNAME', name: target })])
  const isAll = question.type === recordType.CNAME || question.type === recordType.ANY
  return isAll ? answer : { ...answer, continueAt: target }
}

/** PTR of addresses of the mesh; nothing of a virtual range is asked elsewhere. */
function answerReverse(
  table: HostTable,
  question: Question,
  options: LocalAnswerOptions & { readonly address: IpAddress },
): LocalAnswer | undefined {
  const owners = table.ownersOf(options.address)
  const [first] = owners
  const isVirtual = options.virtualPrefixes.some((prefix) => contains(prefix, options.address))
  if (!first && !isVirtual) return undefined
  const ttl = first?.record.ttlSeconds ?? options.ttlSeconds
  const wanted = question.type === recordType.PTR || question.type === recordType.ANY
  const names = new Set(wanted ? owners.map(({ name }) => name) : [])
  const answers = [...names].flatMap((text) => {
    const name = isWild(text) ? undefined : tryParseName(`${text}.`)
    return name === undefined ? [] : [record(question.name, ttl, { kind: 'PTR', name })]
  })
  const authorities = answers.length > 0 ? [] : [startOfAuthority(question.name, ttl)]
  const code = first ? rcode.NOERROR : rcode.NXDOMAIN
  // Any host may come to share the address, without a new name.
  return { host: undefined, rcode: code, answers, authorities, additionals: [] }
}

function isWild(name: string): boolean {
  return name.startsWith('*')
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
