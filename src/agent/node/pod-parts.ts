import type { Server } from 'node:net'
import type { Routes } from '../../balance/route-table.ts'
import { createRandom } from '../../base/random.ts'
import { createCapture } from '../../capture/capture.ts'
import type { CapturePlan } from '../../capture/plan.ts'
import { createRunTool, type RunTool } from '../../capture/run-tool.ts'
import { type Relay, startRelay } from '../../dataplane/relay.ts'
import { familyOf } from '../../ip/address.ts'
import type { SocketAddress } from '../../ip/socket-address.ts'
import { Resolver } from '../../resolve/resolver.ts'
import { createLookup } from '../../serve/lookup.ts'
import { NodeDriver } from '../../serve/node-driver.ts'
import { adoptTcp, scratchOctets } from '../../serve/tcp-listener.ts'
import { adoptUdp } from '../../serve/udp-listener.ts'
import { Conntrack } from '../../sys/conntrack.ts'
import { capturePlanOf } from '../capture-plan.ts'
import { lookupTimeoutMs, virtualPrefixesOf } from '../core.ts'
import { MachineCapture } from '../machine-capture.ts'
import type { AgentOptions } from '../options.ts'
import { originalOfConnection, originalOfDatagram } from '../originals.ts'
import type { AgentPorts } from '../ports.ts'
import type { PodNamespace } from './pod-namespace.ts'
import type { PodSockets } from './pod-sockets.ts'

/** What every part for one pod is made with. */
export interface PodPlace {
  readonly options: AgentOptions
  readonly ports: AgentPorts
  readonly namespace: PodNamespace
}

/** Pods are many, and whoever may flush their rules is seldom at work. */
const checkRulesEveryMs = 300_000

export async function startPodResolver(
  { options, ports, namespace }: PodPlace,
  own: readonly SocketAddress[],
): Promise<Resolver> {
  const { mark } = options.capture
  const driver = new NodeDriver({
    ...ports,
    options: options.serve.upstream,
    openSocket: (transport, family) => namespace.openSocket(transport, family, mark),
  })
  await ports.scope.start('upstreams', () => driver)
  const virtualPrefixes = virtualPrefixesOf(options)
  const cachedAnswers = options.node.cachedAnswers
  const resolver = new Resolver(
    driver,
    { ...options.resolver, cachedAnswers },
    { ...ports, own, virtualPrefixes, random: createRandom() },
  )
  driver.attach(resolver)
  return resolver
}

export function startPodRelay(
  { options, ports, namespace }: PodPlace,
  resolver: Resolver,
  { table, servers }: { readonly table: Routes; readonly servers: readonly Server[] },
): Promise<Relay> {
  const { clock } = ports
  const { mark } = options.capture
  return startRelay({ ...options.relay, listen: [] }, table, {
    ...ports,
    lookup: createLookup(resolver, { clock, timeoutMs: lookupTimeoutMs }),
    originalDestination: originalOfConnection,
    openSocket: (family) => namespace.openSocket('tcp', family, mark),
    servers,
  })
}

/** One at a time, for all pods alike: it is copied before anything else happens. */
const scratch = new Uint8Array(scratchOctets)

/** Answers what arrives in the pod from this moment on. */
export async function servePodDns(
  { options, ports, namespace }: PodPlace,
  resolver: Resolver,
  { udp, dns }: Pick<ReturnType<PodSockets['listen']>, 'udp' | 'dns'>,
): Promise<void> {
  const { scope } = ports
  const conntrack = namespace.run(() => Conntrack.open())
  const listeners = [
    ...udp.map(([where, socket]) =>
      adoptUdp(socket, resolver, {
        ...ports,
        options: options.serve.udp,
        ...(conntrack
          ? { originalServer: (client) => originalOfDatagram(conntrack, client, where) }
          : {}),
      }),
    ),
    ...dns.map((server) =>
      adoptTcp(server, resolver, {
        ...ports,
        options: options.serve.tcp,
        originalServer: originalOfConnection,
        scratch,
      }),
    ),
  ]
  if (conntrack) scope.onStop('conntrack', () => conntrack.close())
  for (const listener of listeners) await scope.start('dns', () => listener)
}

/** The rules of one pod, which a program sets that runs inside of its namespace. */
export function createPodCapture(
  { options, ports, namespace }: PodPlace,
  {
    own,
    inTurn,
  }: { readonly own: readonly SocketAddress[]; readonly inTurn: (run: RunTool) => RunTool },
): MachineCapture {
  const run = createRunTool({ ...ports, startIn: (start) => namespace.run(start) })
  const backend = createCapture(options.capture.backend, inTurn(run), ports.log)
  const plan = podCapturePlan(options, own)
  return new MachineCapture(plan, { ...ports, backend, checkEveryMs: checkRulesEveryMs })
}

/**
 * All questions are caught, as where Istio's CNI sets the rules: what a pod asks of a server that its resolv.conf does
 * not name goes on to that one. Nothing of ours runs in the pod, so only the mark is let through.
 */
export function podCapturePlan(options: AgentOptions, own: readonly SocketAddress[]): CapturePlan {
  const plan = capturePlanOf(options, { uid: 0, gid: 0 })
  const catchesAll = options.relay.unknownDestination === 'REGISTRY_ONLY'
  return {
    ...plan,
    dns: options.capture.dns === 'none' ? 'none' : 'all',
    tcp: catchesAll ? 'outgoing' : 'virtual',
    ipv6: own.some(({ address }) => familyOf(address) === 6),
  }
}
