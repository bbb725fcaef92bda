import type { Route, RouteEndpoint } from '../balance/route.ts'
import { buildRouteTable } from '../balance/route-table.ts'
import type { IpAddress } from '../ip/address.ts'
import { type Hostname, isWildcard } from '../registry/hostname.ts'
import { describeNearness, type Nearness } from '../registry/nearness.ts'
import type { Endpoint, Service } from '../registry/service.ts'
import type { MeshHost, View } from '../registry/view.ts'
import { formatPlace, formatTarget } from './describe-service.ts'
import type { Fact } from './explanation.ts'
import type { OfflineMesh } from './offline-mesh.ts'

/** Where connections to one of the host's addresses go, port by port. */
export function connectionFacts(
  { services }: MeshHost,
  address: IpAddress,
  mesh: OfflineMesh,
): Fact[] {
  const routes = buildRouteTable(fromAnywhere(mesh.view), [mesh.pools.v4, mesh.pools.v6])
  const ports = new Set(services.flatMap((service) => service.ports.map(({ number }) => number)))
  const facts = [...ports].map((port): Fact => {
    const match = routes.find(address, port)
    if (match.kind !== 'route') return { topic: 'connection', text: `port ${port}: not carried` }
    const place = formatPlace(match.route.service.origin)
    const text = `port ${port}: ${whereTo(match.route, address, routes.isVirtual(address))}`
    return { topic: 'connection', text, place }
  })
  const others = routes.isVirtual(address)
    ? 'refused at once, no entry declares them'
    : 'left alone'
  return [
    ...facts,
    ...nearnessFacts(services),
    { topic: 'connection', text: `other ports: ${others}` },
  ]
}

const everywhere: Nearness = { scopes: [], strict: false }

/** With every endpoint that some client may use. */
function fromAnywhere(view: View): View {
  const hosts = [...view].map(([host, seen]): [Hostname, MeshHost] => {
    const services = seen.services.map((service) => ({ ...service, nearness: everywhere }))
    return [host, { ...seen, services }]
  })
  return new Map(hosts)
}

/** Which of the endpoints depends on the client; it is the first service that says so. */
function nearnessFacts(services: readonly Service[]): Fact[] {
  const [first] = services
  if (!first?.nearness) return []
  const { nearness, origin } = first
  const scopes = nearness.scopes.join(', ').toLowerCase()
  const which = nearness.strict
    ? `only to those of the client’s own ${scopes}`
    : `the nearest first: those that share the client’s ${scopes}`
  const places = services.flatMap(({ endpoints }) => endpoints.map(formatWhereabouts))
  const text = `${describeNearness(nearness)}: ${which} (${places.join('; ') || 'there is none'})`
  return [{ topic: 'connection', text, place: formatPlace(origin) }]
}

function formatWhereabouts({ target, node, locality, network }: Endpoint): string {
  const places = [
    node === undefined ? 'on no node' : `on ${node}`,
    locality === undefined ? [] : `in ${locality}`,
    network === undefined ? [] : `network ${network}`,
  ]
  return `${formatTarget(target)} ${places.flat().join(', ')}`
}

function whereTo(route: Route, address: IpAddress, isVirtual: boolean): string {
  const { resolution, endpoints, host } = route
  if (endpoints.length > 0) {
    return `carried to ${endpoints.map(formatEndpoint).join(', ')} (${resolution})`
  }
  if (resolution === 'NONE' && !isVirtual) return `goes to ${address} itself`
  if (resolution !== 'NONE' && resolution !== 'DYNAMIC_DNS') {
    return 'refused, there is no ready endpoint'
  }
  return `carried to ${isWildcard(host) ? 'the name that the client sends' : host} (${resolution})`
}

function formatEndpoint({ target, port, weight }: RouteEndpoint): string {
  const text = formatTarget(target)
  const host = text.includes(':') && target.kind === 'ip' ? `[${text}]` : text
  const at = target.kind === 'unix' ? host : `${host}:${port}`
  return weight === 1 ? at : `${at} (weight ${weight})`
}
