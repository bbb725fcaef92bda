import type { Server } from 'node:net'
import { poolsOf } from '../allocate/pools.ts'
import { buildRouteTable, type RouteTable } from '../balance/route-table.ts'
import { createRandom } from '../base/random.ts'
import type { AddressSet } from '../capture/address-set.ts'
import { CapturedAddresses } from '../capture/captured-addresses.ts'
import type { ResolvConf } from '../config/resolv-conf.ts'
import { type Relay, startRelay } from '../dataplane/relay.ts'
import { type ResolvConfFile, startResolvConfFile } from '../files/resolv-conf-file.ts'
import type { IpFamily } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { Resolver } from '../resolve/resolver.ts'
import { createLookup } from '../serve/lookup.ts'
import { NodeDriver } from '../serve/node-driver.ts'
import { includedRangesOf } from './capture-plan.ts'
import type { AgentCatalog } from './catalog.ts'
import { followCluster } from './follow-cluster.ts'
import { followPlace } from './follow-place.ts'
import { labelsOf } from './labels-of.ts'
import { Mesh } from './mesh.ts'
import type { AgentOptions } from './options.ts'
import { originalOfConnection } from './originals.ts'
import type { AgentPorts } from './ports.ts'
import { createPublish } from './publish.ts'
import { markingOf } from './socket-marking.ts'

export interface CoreNeeds {
  /** Where questions are answered: never an upstream. */
  readonly own: readonly SocketAddress[]
  /** Starts where services come from. */
  startCatalog(outside: OutsideWorld): Promise<AgentCatalog>
  /** Families that the machine can use now. */
  families(): readonly IpFamily[]
  /** Sockets that connections arrive at; else they are opened as the options say. */
  readonly relayServers?: readonly Server[]
  /** Has connections to explicit addresses caught, before names lead there. */
  captureAddresses(addresses: AddressSet): Promise<void>
}

/** Names as the world outside of the mesh knows them. */
export interface OutsideWorld {
  readonly lookup: ReturnType<typeof createLookup>
  resolvConf(): ResolvConf
}

/** The parts that every agent has, wherever its queries and connections come from. */
export interface Core {
  readonly resolver: Resolver
  readonly catalog: AgentCatalog
  readonly resolvConf: ResolvConfFile
  readonly mesh: Mesh
  readonly relay: Pick<Relay, 'active'>
}

/** Longest time for the name of an endpoint, aliases included. */
export const lookupTimeoutMs = 10_000

/** Starts everything between the sockets: from files to answers, from connections to endpoints. */
export async function startCore(
  options: AgentOptions,
  needs: CoreNeeds,
  ports: AgentPorts,
): Promise<Core> {
  const { scope } = ports
  const resolver = await startResolver(options, needs, ports)
  const resolvConf = await scope.start('resolv.conf', () =>
    startResolvConfFile(options.resolvConf, ports),
  )
  resolvConf.follow((conf) => resolver.followResolvConf(conf))
  const catalog = await needs.startCatalog({
    lookup: createLookup(resolver, { clock: ports.clock, timeoutMs: lookupTimeoutMs }),
    resolvConf: () => resolvConf.current(),
  })
  const table = buildRouteTable(new Map(), virtualPrefixesOf(options))
  followPlace(options, catalog, table)
  const relay = await scope.start('relay', () =>
    startMeshRelay(options, { ...needs, resolver, table }, ports),
  )
  const publish = createPublish({
    routes: table,
    captured: new CapturedAddresses(virtualPrefixesOf(options), includedRangesOf(options.capture)),
    captureAddresses: (addresses) => needs.captureAddresses(addresses),
    updateNames: (delta) => resolver.updateHosts(delta),
  })
  const families = () => needs.families()
  const seen = { ...options, labels: labelsOf(options) }
  const mesh = new Mesh(seen, { ...ports, catalog, families, publish })
  await scope.start('mesh', () => mesh.start())
  followCluster(catalog, { mesh, resolver })
  return { resolver, catalog, resolvConf, mesh, relay }
}

interface Published extends CoreNeeds {
  readonly resolver: Resolver
  readonly table: RouteTable
}

/** A resolver that asks from where we are ourselves. */
export async function startResolver(
  options: AgentOptions,
  { own }: Pick<CoreNeeds, 'own'>,
  ports: AgentPorts,
): Promise<Resolver> {
  const { openSocket } = markingOf(options)
  const upstream = { ...ports, options: options.serve.upstream }
  const driver = new NodeDriver(openSocket ? { ...upstream, openSocket } : upstream)
  await ports.scope.start('upstreams', () => driver)
  const virtualPrefixes = virtualPrefixesOf(options)
  const random = createRandom()
  const resolver = new Resolver(driver, options.resolver, {
    ...ports,
    own,
    virtualPrefixes,
    random,
  })
  driver.attach(resolver)
  return resolver
}

function startMeshRelay(
  options: AgentOptions,
  { resolver, relayServers, table }: Published,
  ports: AgentPorts,
): Promise<Relay> {
  const { clock } = ports
  const { openSocket } = markingOf(options)
  return startRelay(relayServers ? { ...options.relay, listen: [] } : options.relay, table, {
    ...ports,
    lookup: createLookup(resolver, { clock, timeoutMs: lookupTimeoutMs }),
    originalDestination: originalOfConnection,
    ...(openSocket ? { openSocket: (family) => openSocket('tcp', family) } : {}),
    ...(relayServers ? { servers: relayServers } : {}),
  })
}

export function virtualPrefixesOf({ virtualAddresses }: AgentOptions): readonly Prefix[] {
  const { v4, v6 } = poolsOf(virtualAddresses)
  return [v4, v6]
}
