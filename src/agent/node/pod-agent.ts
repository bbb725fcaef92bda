import { join } from 'node:path'
import type { Routes } from '../../balance/route-table.ts'
import { Health, type HealthItem } from '../../base/health.ts'
import { Meters } from '../../base/meters.ts'
import { type Running, Scope } from '../../base/scope.ts'
import type { AddressSet } from '../../capture/address-set.ts'
import type { RunTool } from '../../capture/run-tool.ts'
import { parseResolvConf } from '../../config/resolv-conf.ts'
import type { IpFamily } from '../../ip/address.ts'
import { formatSocketAddress } from '../../ip/socket-address.ts'
import type { ClusterFacts } from '../../registry/cluster-facts.ts'
import type { NamesChange } from '../../resolve/host-names.ts'
import type { Resolver } from '../../resolve/resolver.ts'
import { CaptureSwitch } from '../capture-switch.ts'
import { drainDns } from '../drain-dns.ts'
import type { AgentOptions } from '../options.ts'
import type { AgentPorts } from '../ports.ts'
import type { SocketKeeper } from '../socket-store/socket-keeper.ts'
import { heldPod } from './held-pod.ts'
import type { NodePod } from './node-pod.ts'
import { podLog } from './pod-log.ts'
import { namespaceAt, type PodNamespace } from './pod-namespace.ts'
import type { PodNetwork } from './pod-networks.ts'
import {
  createPodCapture,
  type PodPlace,
  servePodDns,
  startPodRelay,
  startPodResolver,
} from './pod-parts.ts'
import type { PodSockets } from './pod-sockets.ts'
import { readForeignFile } from './read-foreign-file.ts'
import type { SharedView } from './shared-view.ts'
import type { PodViewer, SharedViews } from './shared-views.ts'

/** What is there of a pod before anything answers. */
export interface OpenedPod {
  readonly pod: NodePod
  readonly network: PodNetwork
  readonly namespace: PodNamespace
  readonly sockets: PodSockets
}

export interface PodAgentPorts extends Pick<AgentPorts, 'clock' | 'log'> {
  readonly views: SharedViews
  /** Keeps the sockets while there is no agent. */
  readonly keeper: SocketKeeper
  /** Keeps programs that set rules from being too many at a time. */
  readonly inTurn: (run: RunTool) => RunTool
  /** What stands in the pod's resolv.conf when it cannot be read. */
  resolvConfOf(pod: NodePod): string
}

/** A pod that reaches nobody can use both on loopback. */
const bothFamilies: readonly IpFamily[] = [4, 6]

/** The agent of one pod: answers in its namespace, as its resolv.conf and its place in the mesh want it. */
export class PodAgent implements PodViewer, Running {
  readonly families: readonly IpFamily[]
  readonly meters = new Meters()
  readonly #ports: PodAgentPorts
  readonly #place: PodPlace
  readonly #health: Health
  #pod: NodePod
  #network: PodNetwork
  #resolver: Resolver | undefined
  #view: SharedView | undefined
  #capture: ReturnType<typeof createPodCapture> | undefined
  #resolvConf: string | undefined
  #servers: readonly string[] = []
  #isStopped = false
  #keepsRules = false

  private constructor(opened: OpenedPod, options: AgentOptions, ports: PodAgentPorts) {
    const { pod, namespace, network } = opened
    const log = podLog(ports.log, `${pod.namespace}/${pod.name}`)
    this.#health = new Health(({ code, detail, hint, title }, present) => {
      if (present) log.warn({ code, reason: detail, hint }, title)
      else log.info({ code, reason: detail }, 'a problem is gone')
    })
    const { clock } = ports
    const parts = { clock, log, health: this.#health, meters: this.meters, scope: new Scope(log) }
    this.#pod = pod
    this.#network = network
    this.#ports = ports
    this.#place = { options, namespace, ports: parts }
    const families = namespace.families()
    this.families = families.length > 0 ? families : bothFamilies
  }

  /**
   * Answers and catches when this returns. What was opened is the agent's, also when it fails.
   * @throws {CodedError} when a part cannot start; nothing is left then, rules neither.
   */
  static async start(
    opened: OpenedPod,
    options: AgentOptions,
    ports: PodAgentPorts,
  ): Promise<PodAgent> {
    let agent: PodAgent | undefined
    try {
      agent = new PodAgent(opened, options, ports)
      await agent.#start(opened, options)
      return agent
    } catch (error) {
      await agent?.stop()
      await ports.keeper.drop(opened.pod.uid)
      throw error
    } finally {
      // Does nothing for those that are in use.
      opened.sockets.close()
      if (!agent || agent.#isStopped) opened.namespace.close()
    }
  }

  get pod(): NodePod {
    return this.#pod
  }

  get network(): PodNetwork {
    return this.#network
  }

  get namespaceId(): string {
    return this.#place.namespace.id
  }

  /** The pod's problems, each with the name of the pod. */
  problems(): readonly HealthItem[] {
    const { namespace, name } = this.#pod
    return this.#health
      .items()
      .map((item) => ({ ...item, detail: `${namespace}/${name}: ${item.detail}` }))
  }

  /** For people. */
  describe() {
    return { network: this.#network.path, servers: this.#servers, families: this.families }
  }

  enter(view: SharedView): void {
    this.#view = view
    this.#resolver?.useNames(view.names)
  }

  async captureAddresses(addresses: AddressSet): Promise<void> {
    await this.#capture?.followAddresses(addresses)
  }

  namesChanged(change: NamesChange): void {
    this.#resolver?.namesChanged(change)
  }

  setCluster(facts: ClusterFacts | undefined): void {
    this.#resolver?.setCluster(facts)
  }

  /** Whether the network at this path is still the one that is served. */
  isAt({ path }: PodNetwork): boolean {
    return namespaceAt(path) === this.namespaceId
  }

  /** The same network has another path from now on. */
  moveTo(network: PodNetwork): void {
    this.#network = network
  }

  /** The pod has other labels now, by which it may see something else. */
  async relabel(pod: NodePod): Promise<void> {
    this.#pod = pod
    await this.#ports.views.join(this)
  }

  /** Reads the pod's resolv.conf, and goes by it when it is another than before. */
  async readResolvConf(): Promise<void> {
    const read = await readForeignFile(this.#network.resolvConf)
    // What was read once holds while it cannot be read.
    const text = read ?? this.#resolvConf ?? this.#ports.resolvConfOf(this.#pod)
    if (text === this.#resolvConf || this.#isStopped) return
    this.#resolvConf = text
    const conf = parseResolvConf(text)
    this.#servers = conf.nameservers.map(formatSocketAddress)
    this.#resolver?.followResolvConf(conf)
    const { root, path } = this.#network.resolvConf
    const file = read === undefined ? 'pod' : join(root, path)
    this.#place.ports.log.info({ file, servers: this.#servers }, 'resolv.conf read')
  }

  /** Catches nothing more, lets end what is under way, and leaves nothing; `keep` leaves the rules as they are. */
  async stop(rules: 'release' | 'keep' = 'release'): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#keepsRules = rules === 'keep'
    await this.#place.ports.scope.stop()
  }

  async #start(opened: OpenedPod, options: AgentOptions): Promise<void> {
    const place = this.#place
    const { sockets } = opened
    const { clock, scope } = place.ports
    const { keeper } = this.#ports
    const own = sockets.dnsAddresses
    scope.onStop('namespace', () => place.namespace.close())
    const resolver = await startPodResolver(place, own)
    this.#resolver = resolver
    await this.readResolvConf()
    const capture = createPodCapture(place, { own, inTurn: this.#ports.inTurn })
    this.#capture = capture
    let active = () => 0
    const pending = () => resolver.pending + active()
    const captureSwitch = new CaptureSwitch({ ...place.ports, capture, pending })
    scope.onStop('view', () => this.#ports.views.leave(this))
    // Whoever was here before us may have left some, too.
    scope.onStop('capture rules', () => (this.#keepsRules ? undefined : capture.remove()))
    await this.#ports.views.join(this)
    const listening = sockets.listen()
    const needs = { table: this.#routes(), servers: listening.relay }
    const [relay] = await Promise.all([
      scope.start('relay', () => startPodRelay(place, resolver, needs)),
      servePodDns(place, resolver, listening),
    ])
    active = () => relay.active
    scope.onStop('dns drain', () => drainDns({ clock, pending: () => resolver.pending }))
    // When nothing is caught for them any more, and before they are closed: their numbers are given to others then.
    scope.onStop('kept sockets', () => {
      const { uid } = this.#pod
      return this.#keepsRules ? keeper.leave(uid) : keeper.drop(uid)
    })
    scope.onStop('capture', () => (this.#keepsRules ? undefined : captureSwitch.stop()))
    // Before the rules: what they catch has a place to wait.
    await keeper.hold(heldPod(opened, options))
    await captureSwitch.set(true)
  }

  /** Those of the view, whichever it is. */
  #routes(): Routes {
    const routes = () => {
      if (!this.#view) throw new TypeError('the pod has no view yet')
      return this.#view.routes
    }
    return {
      find: (address, port) => routes().find(address, port),
      isVirtual: (address) => routes().isVirtual(address),
    }
  }
}
