import { CodedError } from '../../base/coded-error.ts'
import type { Cell } from '../../base/meters.ts'
import { OneAtATime } from '../../base/one-at-a-time.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { FirstTable } from '../first-table.ts'
import { podNotServed } from '../health.ts'
import { nodePodFailures } from '../meters.ts'
import type { AgentPorts } from '../ports.ts'
import type { SocketKeeper } from '../socket-store/socket-keeper.ts'
import type { NodePod } from './node-pod.ts'
import type { ReopenedPod } from './open-pod.ts'
import type { OpenedPod, PodAgent } from './pod-agent.ts'
import type { PodNetwork, PodNetworks } from './pod-networks.ts'
import type { ServedPod } from './served-pods-file.ts'

/** How far a pod has come. */
export type PodState = 'waiting' | 'served' | 'failed'

/** An agent of a pod, for whoever looks after it. */
export type KeptAgent = Pick<
  PodAgent,
  | 'pod'
  | 'network'
  | 'namespaceId'
  | 'meters'
  | 'isAt'
  | 'moveTo'
  | 'relabel'
  | 'readResolvConf'
  | 'problems'
  | 'describe'
  | 'stop'
>

export interface PodKeeperPorts extends Pick<AgentPorts, 'clock' | 'log' | 'health' | 'meters'> {
  readonly keeper: Pick<SocketKeeper, 'drop'>
  readonly networks: PodNetworks
  /** While there is none, a pod resolves as it did before. */
  readonly firstTable: Pick<FirstTable, 'isAwaited'>
  /** Opens what a pod is served with; `undefined` when its network is gone again, or is not its own. */
  open(pod: NodePod, network: PodNetwork): Promise<OpenedPod | undefined>
  /** As `PodAgent.start`. */
  start(opened: OpenedPod): Promise<KeptAgent>
  /** A pod is served, or no longer. */
  onChange(): void
  /** Numbers of an agent that has ended. */
  retire(agent: KeptAgent): void
}

/** How long to wait after failures, which double it. */
const retryMs = { first: 1_000, most: 60_000 }

/** Sees to it that one pod is served for as long as it is wanted, whatever happens to its network or to us. */
export class PodKeeper {
  readonly #ports: PodKeeperPorts
  readonly #working = new OneAtATime(() => this.#work())
  readonly #subject: string
  #pod: NodePod
  #isWanted = true
  #rules: 'release' | 'keep' = 'release'
  #agent: KeptAgent | undefined
  /** By an agent before us, as long as none of ours serves it. */
  #before: ServedPod | undefined
  #opened: OpenedPod | undefined
  #failures = 0
  #reason: string | undefined
  #notBeforeMs = 0

  constructor({ pod, before, opened }: ReopenedPod, ports: PodKeeperPorts) {
    this.#pod = pod
    this.#before = before
    this.#opened = opened
    this.#ports = ports
    this.#subject = pod.uid
  }

  get pod(): NodePod {
    return this.#pod
  }

  get agent(): KeptAgent | undefined {
    return this.#agent
  }

  /** What the next agent is to open again. */
  get served(): ServedPod | undefined {
    if (!this.#agent) return this.#before && { ...this.#before, pod: this.#pod }
    const { pod, network, namespaceId } = this.#agent
    return { pod, network, namespaceId }
  }

  get state(): PodState {
    if (this.#agent) return 'served'
    return this.#reason === undefined ? 'waiting' : 'failed'
  }

  describe() {
    const { namespace, name, uid } = this.#pod
    const reason = this.#reason
    return {
      pod: `${namespace}/${name}`,
      uid,
      state: this.state,
      ...(reason === undefined ? {} : { reason }),
      ...this.#agent?.describe(),
    }
  }

  /** The pod is like this now. */
  update(pod: NodePod): void {
    this.#pod = pod
  }

  /** Does what is to be done; resolves when it is. */
  look(): Promise<void> {
    return this.#working.run()
  }

  /** The pod is served no more when this returns, and nothing is left of it. */
  async end(rules: 'release' | 'keep'): Promise<void> {
    this.#isWanted = false
    this.#rules = rules
    await this.#working.run()
    this.#ports.health.clear(podNotServed, this.#subject)
  }

  async #work(): Promise<void> {
    if (!this.#isWanted) return this.#letGo()
    if (this.#agent) await this.#check(this.#agent)
    if (!this.#agent && this.#ports.clock.now() >= this.#notBeforeMs) await this.#try()
  }

  async #letGo(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    opened?.sockets.close()
    opened?.namespace.close()
    if (opened && this.#rules === 'release') await this.#ports.keeper.drop(this.#pod.uid)
    // Nobody comes back to a network that has gone.
    const isThere = this.#agent?.isAt(this.#agent.network)
    await this.#stop(isThere ? this.#rules : 'release')
  }

  /** The network may have gone, or have another path; the pod may have other labels. */
  async #check(agent: KeptAgent): Promise<void> {
    if (!agent.isAt(agent.network)) {
      const network = await this.#ports.networks.find(this.#pod)
      if (!network || !agent.isAt(network)) return this.#stop('release')
      agent.moveTo(network)
      this.#ports.onChange()
    }
    if (JSON.stringify(agent.pod.labels) !== JSON.stringify(this.#pod.labels)) {
      await agent.relabel(this.#pod)
      this.#ports.onChange()
    }
    await agent.readResolvConf()
  }

  async #try(): Promise<void> {
    const { health, log, clock, meters } = this.#ports
    const pod = `${this.#pod.namespace}/${this.#pod.name}`
    try {
      const opened = this.#opened ?? (await this.#find())
      this.#opened = undefined
      if (!opened) return
      const agent = await this.#ports.start(opened)
      this.#agent = agent
      this.#before = undefined
      this.#failures = 0
      this.#reason = undefined
      health.clear(podNotServed, this.#subject)
      log.info({ pod, path: agent.network.path }, 'a pod is served')
      this.#ports.onChange()
    } catch (error) {
      this.#reason = reasonOf(error)
      const waitMs = Math.min(retryMs.most, retryMs.first * 2 ** this.#failures)
      this.#failures = Math.min(this.#failures + 1, 10)
      this.#notBeforeMs = clock.now() + waitMs
      const failures: Cell = meters.cell(nodePodFailures, codeOf(error))
      failures.value += 1
      health.set(podNotServed, `${pod}: ${this.#reason}`, this.#subject)
      log.debug({ pod, error }, 'a pod is not served')
    }
  }

  async #find(): Promise<OpenedPod | undefined> {
    if (this.#ports.firstTable.isAwaited) return undefined
    const network = await this.#ports.networks.find(this.#pod)
    return network && this.#ports.open(this.#pod, network)
  }

  async #stop(rules: 'release' | 'keep'): Promise<void> {
    const agent = this.#agent
    if (!agent) return
    await agent.stop(rules)
    this.#agent = undefined
    this.#ports.retire(agent)
    const { namespace, name } = this.#pod
    this.#ports.log.info({ pod: `${namespace}/${name}` }, 'a pod is served no more')
    this.#ports.onChange()
  }
}

function codeOf(error: unknown): string {
  return error instanceof CodedError ? error.code : 'UNKNOWN'
}
