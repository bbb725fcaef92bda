import { formatSocketAddress } from '../ip/socket-address.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { NameRecord } from '../registry/name-record.ts'
import type { MeshHost } from '../registry/view.ts'
import type { HostMatch } from '../resolve/host-names.ts'
import { formatOrigin, formatPlace } from './describe-service.ts'
import { connectionFacts } from './explain-connections.ts'
import { addressFacts, declarationFacts, hiddenReason } from './explain-host.ts'
import type { Explanation, Fact } from './explanation.ts'
import type { OfflineMesh } from './offline-mesh.ts'
import type { OfflineNames } from './offline-names.ts'

/** Why a name (lower case, no last dot) is answered as it is. */
export function explainName(name: string, mesh: OfflineMesh, names: OfflineNames): Explanation {
  const match = names.table.lookup(name)
  if (!match || isEmpty(match.record)) return explainForwarded(name, mesh, names)
  const { record, endpoint } = match
  const meshHost = mesh.view.get(record.host)
  const addresses = (endpoint ?? record).addresses
  const verdict =
    record.externalName === undefined
      ? `answered from the mesh with ${addresses.join(', ') || 'no address'}`
      : `answered from the mesh as another name for ${record.externalName}`
  const facts: Fact[] = [
    { topic: 'name', text: howFound(name, record, names, labelsBefore(name, match)) },
  ]
  if (meshHost) {
    facts.push(...declarationFacts(meshHost, mesh))
    facts.push(...lesserWildcards(name, meshHost, mesh))
    facts.push(...addressFacts(meshHost))
    const [first] = addresses
    if (first !== undefined) facts.push(...connectionFacts(meshHost, first, mesh))
  }
  const namespace = meshHost === undefined ? {} : { namespace: meshHost.namespace }
  return { subject: name, verdict, host: record.host, ...namespace, facts }
}

/** A headless Service without endpoints. */
function isEmpty({ addresses, externalName }: NameRecord): boolean {
  return addresses.length === 0 && externalName === undefined
}

/** The labels, as they were written, that name an endpoint or a port of a host. */
function labelsBefore(name: string, { endpoint, port }: HostMatch): readonly string[] {
  return name.split('.').slice(0, endpoint ? 1 : port ? 2 : 0)
}

function howFound(
  name: string,
  { host, aliases }: NameRecord,
  { resolvConf }: OfflineNames,
  before: readonly string[],
): string {
  const own = [host, ...aliases].map((one) => [...before, one].join('.'))
  const [label, protocol] = before
  const part = protocol === undefined ? `endpoint ${label}` : `port ${label}.${protocol}`
  const what = label === undefined ? `host ${host}` : `${part} of ${host}`
  if (own.includes(name)) {
    return name === host ? `it is the ${what}` : `it is a short name of ${what}`
  }
  const domain = resolvConf.search.find(
    (one) => name.endsWith(`.${one}`) && own.includes(name.slice(0, -one.length - 1)),
  )
  if (domain !== undefined) return `it is ${what} with the search domain ${domain} appended`
  return `it matches the wildcard ${host}`
}

function lesserWildcards(name: string, chosen: MeshHost, { view }: OfflineMesh): Fact[] {
  return [...view.values()]
    .filter(
      ({ host }) => host !== chosen.host && host.startsWith('*.') && name.endsWith(host.slice(1)),
    )
    .flatMap(({ services }) => services)
    .map(({ origin, host }) => ({
      topic: 'not used',
      text: `${formatOrigin(origin)}: ${host} is less specific`,
      place: formatPlace(origin),
    }))
}

/** Whether all of the cluster is known stands neither in files nor on a controller's page. */
const unlessKnown =
  'but an agent whose controller reads all of the cluster denies such a name itself, and asks nobody'

/** Nothing answers in the mesh: an upstream is asked. */
function explainForwarded(name: string, mesh: OfflineMesh, names: OfflineNames): Explanation {
  const known = mesh.view.get(name as Hostname)
  const facts: Fact[] = []
  if (known) {
    facts.push({
      topic: 'name',
      text: `it is the host ${known.host}, which has no address to answer with`,
    })
    facts.push(...declarationFacts(known, mesh), ...addressFacts(known))
  } else {
    facts.push({ topic: 'name', text: 'no service has this host, and no wildcard matches' })
    for (const service of mesh.services.filter(({ host }) => host === name)) {
      facts.push({
        topic: 'not used',
        text: `${formatOrigin(service.origin)}: ${hiddenReason(service, mesh)}`,
        place: formatPlace(service.origin),
      })
    }
  }
  const { asked, fact } = mesh.isOfCluster ? podServers : ownServers(names)
  facts.push(fact)
  if (`.${name}`.endsWith(`.${mesh.clusterDomain}`))
    facts.push({ topic: 'upstream', text: unlessKnown })
  return { subject: name, verdict: `not answered from the mesh: ${asked} is asked`, facts }
}

/** Who is asked first, and all that there are. */
interface AskedServers {
  readonly asked: string
  readonly fact: Fact
}

const podServers: AskedServers = {
  asked: 'a server of the pod',
  fact: { topic: 'upstream', text: "those that the pod's own /etc/resolv.conf names" },
}

function ownServers({ resolvConf }: OfflineNames): AskedServers {
  const servers = resolvConf.nameservers.map(formatSocketAddress)
  const fact = {
    topic: 'upstream',
    text: servers.join(', then '),
    place: '/etc/resolv.conf',
  } as const
  return { asked: servers[0] ?? 'nobody', fact }
}
