import { familyOf, type IpFamily } from '../ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix } from '../ip/prefix.ts'

/**
 * The namespace's own addresses: never routed anywhere (RFC 7600 §4.8, RFC 4193 §3).
 *
 * From a unique local address, `getaddrinfo` takes IPv4 where a name has both (RFC 6724 §6, rule 5).
 */
const ownAddress = { 4: '192.0.0.8/32', 6: 'fd6d:6573:6864:6e73::1/128' } as const

const everything = { 4: parsePrefix('0.0.0.0/0'), 6: parsePrefix('::/0') } as const

/** What the namespace's only interface is given. */
export interface NetworkPlan {
  /** Destinations that the namespace takes for its own, so that connections to them reach the relay. */
  readonly routes: readonly Prefix[]
  /**
   * Families of which the command sees an address that is not loopback. Without one, `getaddrinfo`
   * with AI_ADDRCONFIG finds no addresses of the family (RFC 3493 §6.1).
   */
  readonly families: readonly IpFamily[]
}

/**
 * The network that a command finds: of the families that the host speaks everything, of the other
 * one only the mesh. So an application does not try IPv6 where the host has none.
 */
export function planNetwork(
  hostFamilies: readonly IpFamily[],
  mesh: readonly Prefix[],
): NetworkPlan {
  const routes = new Map<string, Prefix>()
  const ofMesh = mesh.filter(({ network }) => !hostFamilies.includes(familyOf(network)))
  for (const prefix of [...hostFamilies.map((family) => everything[family]), ...ofMesh]) {
    routes.set(formatPrefix(prefix), prefix)
  }
  return { routes: [...routes.values()], families: hostFamilies }
}

/** The plan for one family as input of `ip -4 -batch -`, or `ip -6 -batch -`. */
export function networkCommands({ routes, families }: NetworkPlan, family: IpFamily): string {
  const lines = family === 4 ? ['link set lo up'] : []
  if (families.includes(family)) {
    lines.push(`addr add ${ownAddress[family]} dev lo${family === 6 ? ' nodad' : ''}`)
  }
  const source = families.includes(family) ? ` src ${ownAddress[family].replace(/\/.*/, '')}` : ''
  for (const route of routes.filter(({ network }) => familyOf(network) === family)) {
    lines.push(`route replace local ${formatPrefix(route)} dev lo table local${source}`)
  }
  return lines.map((line) => `${line}\n`).join('')
}
