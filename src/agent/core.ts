import type { Server } from 'node:net'
import type { Ledger } from '../allocate/ledger.ts'
import { buildRouteTable } from '../balance/route-table.ts'
import { createRandom } from '../base/random.ts'
import { capturedAddresses } from '../capture/captured-addresses.ts'
import { type Relay, startRelay } from '../dataplane/relay.ts'
import { type FilesSource, startFilesSource } from '../files/files-source.ts'
import { type ResolvConfFile, startResolvConfFile } from '../files/resolv-conf-file.ts'
import type { IpFamily } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { Resolver } from '../resolve/resolver.ts'
import { createLookup } from '../serve/lookup.ts'
import { NodeDriver } from '../serve/node-driver.ts'
import { Mesh } from './mesh.ts'
import type { AgentOptions } from './options.ts'
import { originalOfConnection } from './originals.ts'
import { poolsOf } from './pools.ts'
import type { AgentPorts } from './ports.ts'
import { markingOf } from './socket-marking.ts'

export interface CoreNeeds {
  /** Where questions are answered: never an upstream. */
  readonly own: readonly SocketAddress[]
  /** What is held from before. */
  readonly ledger: Ledger
  save(ledger: Ledger): Promise<void>
  /** Families that the machine can use now. */
  families(): readonly IpFamily[]
  /** Sockets that connections arrive at; else they are opened as the options say. */
  readonly relayServers?: readonly Server[]
  /** Has connections to explicit addresses caught, before names lead there. */
  captureAddresses(addresses: readonly Prefix[]): Promise<void>
}

/** The parts that every agent has, wherever its queries and connections come from. */
export interface Core {
  readonly resolver: Resolver
  readonly source: FilesSource
  readonly resolvConf: ResolvConfFile
  readonly mesh: Mesh
}

/** Longest time for the name of an endpoint, aliases included. */
const lookupTimeoutMs = 10_000

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
  const source = await scope.start('files', () => startFiles(options, ports))
  const relay = await scope.start('relay', () =>
    startMeshRelay(options, { ...needs, resolver }, ports),
  )
  const virtualPrefixes = virtualPrefixesOf(options)
  const { namespace, clusterDomain } = options
  const pools = poolsOf(options.virtualAddresses)
  const restMs = restMsOf(options)
  const mesh = new Mesh({ namespace, clusterDomain, pools, restMs }, needs.ledger, {
    ...ports,
    source,
    save: (ledger) => needs.save(ledger),
    families: () => needs.families(),
    async publish({ view, delta }) {
      relay.update(buildRouteTable(view, virtualPrefixes))
      await needs.captureAddresses(capturedAddresses(view, virtualPrefixes))
      resolver.updateHosts(delta)
    },
  })
  await scope.start('mesh', () => mesh.start())
  return { resolver, source, resolvConf, mesh }
}

async function startResolver(
  options: AgentOptions,
  { own }: CoreNeeds,
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

function startFiles(options: AgentOptions, ports: AgentPorts): Promise<FilesSource> {
  const { sources, namespace, clusterDomain, files, virtualAddresses } = options
  const autoAllocate = virtualAddresses.allocate
  return startFilesSource(
    {
      paths: sources,
      files,
      parse: { defaultNamespace: namespace, autoAllocate },
      translate: { clusterDomain, defaultExportTo: ['*'], autoAllocate },
    },
    ports,
  )
}

function startMeshRelay(
  options: AgentOptions,
  { resolver, relayServers }: CoreNeeds & { readonly resolver: Resolver },
  ports: AgentPorts,
): Promise<Relay> {
  const { clock } = ports
  const { openSocket } = markingOf(options)
  const table = buildRouteTable(new Map(), virtualPrefixesOf(options))
  return startRelay(relayServers ? { ...options.relay, listen: [] } : options.relay, table, {
    ...ports,
    lookup: createLookup(resolver, { clock, timeoutMs: lookupTimeoutMs }),
    originalDestination: originalOfConnection,
    ...(openSocket ? { openSocket: (family) => openSocket('tcp', family) } : {}),
    ...(relayServers ? { servers: relayServers } : {}),
  })
}

function virtualPrefixesOf({ virtualAddresses }: AgentOptions): readonly Prefix[] {
  const { v4, v6 } = poolsOf(virtualAddresses)
  return [v4, v6]
}

/** A resolver may remember an address for its TTL, and an application for as long again. */
function restMsOf({ virtualAddresses, resolver }: AgentOptions): number {
  return Math.max(virtualAddresses.restSeconds, 2 * resolver.ttlSeconds) * 1_000
}
