import type { IpAddress } from '../ip/address.ts'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { NamedPort, NameRecord } from '../registry/name-record.ts'
import { type Name, parseName, tryParseName } from '../wire/name.ts'
import type { Question } from '../wire/question.ts'
import { rcode } from '../wire/rcode.ts'
import type { ResourceRecord } from '../wire/record.ts'
import { recordType } from '../wire/record-type.ts'
import { clusterNodeOf } from './cluster-names.ts'
import { type HostMatch, isPort, type PortLabels } from './host-names.ts'
import {
  addressRecord,
  hasAddressType,
  type LocalAnswer,
  record,
  startOfAuthority,
} from './local-records.ts'

/** Version of the names' specification that is followed. */
const specification = '1.1.0'

/** One address and port under the name that SRV records lead to. */
interface Place {
  readonly target: string
  readonly address: IpAddress
  /** Missing where no port is declared. */
  readonly port?: number
}

interface Asked {
  readonly question: Question
  readonly ttl: number
  /** Whether what is not known does not exist. */
  readonly complete: boolean
}

/**
 * What is said of a Kubernetes Service, its endpoints and ports: what kube-dns says (as CoreDNS's plugin
 * `kubernetes`). `undefined` when only somebody who knows all of the cluster can tell.
 */
export function answerCluster(match: HostMatch, asked: Asked): LocalAnswer | undefined {
  const { record: known, endpoint, port } = match
  const { domain = '' } = known.cluster ?? {}
  const { type } = asked.question
  const zone = zoneOf(domain, asked, known.host)
  if (known.externalName !== undefined) {
    if (endpoint || port) return denied(zone)
    return answerAlias(known.externalName, zone, asked.question)
  }
  const places = endpoint
    ? placesOf(`${endpoint.label}.${known.host}`, endpoint, port)
    : placesOfService(known, port)
  if (places.length === 0) return denied(zone)
  if (type === recordType.SRV) return answerService(places, zone, asked)
  return answerAddresses(
    places.map(({ address }) => address),
    zone,
    asked.question,
  )
}

/** What is said of other names below the domain of a cluster that is known completely. */
export function answerClusterNode(
  question: Question,
  facts: ClusterFacts,
  ttl: number,
): LocalAnswer | undefined {
  const node = clusterNodeOf(question.name.slice(0, -1), facts)
  const zone: Zone = { domain: facts.domain, ttl, host: undefined, complete: true }
  const { name, type } = question
  const answer = (answers: readonly ResourceRecord[]) =>
    answers.length === 0 ? empty(zone) : full(zone, answers)
  switch (node?.kind) {
    case undefined:
    case 'server':
    case 'unknown':
      return undefined
    case 'apex':
      if (type === recordType.NS) return undefined
      return answer(type === recordType.SOA ? [authorityOf(zone)] : [])
    case 'node':
      return empty(zone)
    case 'nothing':
      return denied(zone)
    case 'version': {
      if (type !== recordType.TXT) return denied(zone)
      const strings = [new TextEncoder().encode(specification)]
      return answer([record(name, ttl, { kind: 'TXT', strings })])
    }
    case 'pod': {
      const places = [{ target: node.name, address: node.address, port: 0 }]
      if (type === recordType.SRV) return answerService(places, zone, { question, ttl })
      return answerAddresses([node.address], zone, question)
    }
  }
}

/** A domain with the host that an answer depends on. */
interface Zone {
  readonly domain: string
  readonly ttl: number
  readonly host: Hostname | undefined
  /** Whether what is not known does not exist. */
  readonly complete: boolean
  /** Where it is not the domain's. */
  readonly ownZone?: Name
}

/** A short name, alone or with a foreign search domain, is in nobody's zone but its own. */
function zoneOf(domain: string, { question, ttl, complete }: Asked, host: Hostname): Zone {
  const isBelow = question.name.endsWith(`.${domain}.`)
  const own = isBelow ? {} : { ownZone: question.name }
  return { domain, ttl, host, complete: complete && isBelow, ...own }
}

function placesOfService(
  { host, addresses, ports, endpoints, cluster }: NameRecord,
  port: PortLabels | undefined,
): readonly Place[] {
  if (!cluster?.headless) return placesOf(host, { addresses, ports }, port)
  return endpoints.flatMap((one) => placesOf(`${one.label}.${host}`, one, port))
}

function placesOf(
  target: string,
  { addresses, ports }: Pick<NameRecord, 'addresses' | 'ports'>,
  wanted: PortLabels | undefined,
): readonly Place[] {
  if (!wanted && ports.length === 0) return addresses.map((address) => ({ target, address }))
  const served = wanted ? ports.filter((one: NamedPort) => isPort(one, wanted)) : ports
  return served.flatMap(({ number }) =>
    addresses.map((address) => ({ target, address, port: number })),
  )
}

/** Nobody answers to other types than addresses: HTTPS, MX and ANY have nothing. */
function answerAddresses(
  addresses: readonly IpAddress[],
  zone: Zone,
  { name, type }: Question,
): LocalAnswer {
  const found = [...new Set(addresses)].filter(
    (address) => type !== recordType.ANY && hasAddressType(type, address),
  )
  if (found.length === 0) return empty(zone)
  return full(
    zone,
    found.map((address) => addressRecord(name, address, zone.ttl)),
  )
}

function answerService(
  places: readonly Place[],
  zone: Zone,
  { question, ttl }: Pick<Asked, 'question' | 'ttl'>,
): LocalAnswer {
  const weight = weightOf(places.length)
  const answers = new Map<string, ResourceRecord>()
  const additionals = new Map<string, ResourceRecord>()
  for (const { target: text, address, port } of places) {
    const target = tryParseName(`${text}.`)
    if (port === undefined || target === undefined) continue
    const data = { kind: 'SRV', priority: 0, weight, port, target } as const
    answers.set(`${text} ${port}`, record(question.name, ttl, data))
    additionals.set(`${text} ${address}`, addressRecord(target, address, ttl))
  }
  if (answers.size === 0) return empty(zone)
  return { ...full(zone, [...answers.values()]), additionals: [...additionals.values()] }
}

/** Of 100 the share of each address and port, as CoreDNS gives it. */
function weightOf(places: number): number {
  return Math.max(1, Math.floor((100 / (100 * places)) * 100))
}

/** An ExternalName is a CNAME to those who ask for addresses, or for it. */
function answerAlias(
  externalName: string,
  zone: Zone,
  { name, type }: Question,
): LocalAnswer | undefined {
  const target = tryParseName(`${externalName}.`)
  if (target === undefined) return denied(zone)
  const alias = full(zone, [record(name, zone.ttl, { kind: 'CNAME', name: target })])
  if (type === recordType.CNAME) return alias
  const isFollowed = type === recordType.A || type === recordType.AAAA
  return isFollowed ? { ...alias, continueAt: target } : empty(zone)
}

function full(zone: Zone, answers: readonly ResourceRecord[]): LocalAnswer {
  const { host } = zone
  const zoneAuthority = authorityOf(zone)
  const none = { authorities: [], additionals: [] }
  return { host, rcode: rcode.NOERROR, answers, ...none, zoneAuthority }
}

function empty(zone: Zone): LocalAnswer {
  const { host } = zone
  const authority = authorityOf(zone)
  const none = { answers: [], additionals: [] }
  return {
    host,
    rcode: rcode.NOERROR,
    ...none,
    authorities: [authority],
    zoneAuthority: authority,
  }
}

/** NXDOMAIN, where whoever says so knows. */
function denied(zone: Zone): LocalAnswer | undefined {
  return zone.complete ? { ...empty(zone), rcode: rcode.NXDOMAIN } : undefined
}

function authorityOf({ domain, ttl, ownZone }: Zone): ResourceRecord {
  if (ownZone !== undefined) return startOfAuthority(ownZone, ttl)
  const zone = parseName(`${domain}.`)
  const mname = tryParseName(`ns.dns.${domain}.`) ?? zone
  const rname = tryParseName(`hostmaster.${domain}.`) ?? zone
  return startOfAuthority(zone, ttl, { mname, rname })
}
