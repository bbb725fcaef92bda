import type { Route } from '../balance/route.ts'
import type { Match } from '../balance/route-table.ts'
import { type Hostname, isWildcard } from '../registry/hostname.ts'
import { matchesHost } from '../registry/matches-host.ts'
import type { RelayOptions } from './options.ts'
import { type Refusal, refusal } from './refusal.ts'

/** What becomes of a connection. */
export type Decision =
  | Refusal
  /** To where the client wanted, perhaps on another port. */
  | { readonly kind: 'original'; readonly port: number }
  | { readonly kind: 'endpoints'; readonly route: Route }
  /** To what the name stands for outside the mesh. */
  | { readonly kind: 'name'; readonly name: Hostname; readonly port: number }

/** What can be decided only when the client has said a name. */
export type NameNeeded =
  /** To what the client's name stands for; it must be below the host. */
  | { readonly kind: 'client-name'; readonly host: Hostname; readonly port: number }
  /** To where the client wanted, if it names the host of one of these. */
  | { readonly kind: 'declared'; readonly routes: readonly Route[]; readonly port: number }
  /** To the route that the client's name means; else to the first. */
  | { readonly kind: 'rivals'; readonly routes: readonly Route[]; readonly virtual: boolean }

export type Policy = Pick<RelayOptions, 'unknownDestination' | 'undeclaredPort'>

export function decide(match: Match, originalPort: number, policy: Policy): Decision | NameNeeded {
  switch (match.kind) {
    case 'unknown':
      return policy.unknownDestination === 'ALLOW_ANY'
        ? { kind: 'original', port: originalPort }
        : decideDeclared(match.declared, originalPort)
    case 'unassigned':
      return refusal('address_not_assigned')
    case 'undeclared':
      return policy.undeclaredPort === 'REJECT'
        ? refusal('port_not_declared')
        : outside(match.host, match.port)
    case 'route': {
      const { route, rivals, virtual } = match
      const routes = [route, ...rivals]
      if (routes.length > 1 && routes.every(clientSaysName))
        return { kind: 'rivals', routes, virtual }
      return follow(route, virtual)
    }
  }
}

/** Decides what was open, now that the client has said a name or will not. */
export function decideByName(needed: NameNeeded, name: Hostname | undefined): Decision {
  if (needed.kind === 'client-name') {
    if (name === undefined) return refusal('no_server_name')
    if (!matchesHost(needed.host, name)) return refusal('server_name_mismatch')
    return { kind: 'name', name, port: needed.port }
  }
  const { routes } = needed
  const named = routes.find(({ host }) => name !== undefined && matchesHost(host, name))
  if (needed.kind === 'declared') {
    return named ? { kind: 'original', port: needed.port } : refusal('not_in_registry')
  }
  const route = named ?? routes[0]
  if (!route) return refusal('no_endpoints')
  const followed = follow(route, needed.virtual)
  return needsName(followed) ? decideByName(followed, name) : followed
}

export function needsName(decision: Decision | NameNeeded): decision is NameNeeded {
  return ['client-name', 'declared', 'rivals'].includes(decision.kind)
}

/** Services without an address open their port: to all for plain TCP, else for their own name. */
function decideDeclared(routes: readonly Route[], port: number): Decision | NameNeeded {
  if (routes.length === 0) return refusal('not_in_registry')
  return routes.every(clientSaysName)
    ? { kind: 'declared', routes, port }
    : { kind: 'original', port }
}

function follow(route: Route, virtual: boolean): Decision | NameNeeded {
  const port = route.targetPort ?? route.port
  switch (route.resolution) {
    case 'DYNAMIC_DNS':
      return outside(route.host, port)
    case 'NONE':
      // At a virtual address there is no original to go to, but the host's real addresses.
      return virtual ? outside(route.host, port) : { kind: 'original', port }
    case 'STATIC':
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      return route.endpoints.length > 0 ? { kind: 'endpoints', route } : refusal('no_endpoints')
  }
}

function outside(host: Hostname, port: number): Decision | NameNeeded {
  return isWildcard(host) ? { kind: 'client-name', host, port } : { kind: 'name', name: host, port }
}

/** Protocols in which the client speaks first and says the host's name. */
const namingProtocols = new Set(['HTTP', 'HTTPS', 'HTTP2', 'GRPC', 'GRPC-WEB', 'TLS'])

function clientSaysName({ protocol }: Route): boolean {
  return namingProtocols.has(protocol)
}
