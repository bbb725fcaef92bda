import { Meters, sumMeters } from '../../base/meters.ts'
import type { Running } from '../../base/scope.ts'
import { Turns } from '../../base/turns.ts'
import { nodePods, nodeViews } from '../meters.ts'
import type { AgentOptions } from '../options.ts'
import type { AgentPorts } from '../ports.ts'
import type { NodePod } from './node-pod.ts'
import { openPod, type ReopenedPod } from './open-pod.ts'
import { PodAgent, type PodAgentPorts } from './pod-agent.ts'
import { type KeptAgent, PodKeeper, type PodKeeperPorts } from './pod-keeper.ts'
import type { ServedPodsFile } from './served-pods-file.ts'

export interface NodePodsPorts
  extends Pick<AgentPorts, 'clock' | 'log' | 'health' | 'meters'>,
    Pick<PodKeeperPorts, 'networks' | 'firstTable'>,
    Pick<PodAgentPorts, 'views' | 'keeper' | 'resolvConfOf'> {
  readonly file: ServedPodsFile
}

/** How often everything is looked after; more often while a pod waits for its network. */
const lookEveryMs = { usually: 2_000, waiting: 400 }
/** Programs that set rules, at one time. */
const maxPrograms = 4

/** All pods of a node that are served, or are to be. */
export class NodePods implements Running {
  readonly #options: AgentOptions
  readonly #ports: NodePodsPorts
  readonly #keepers = new Map<string, PodKeeper>()
  readonly #ending = new Set<Promise<void>>()
  /** What agents that have ended have counted. */
  readonly #retired = new Meters()
  readonly #keeperPorts: PodKeeperPorts
  #cancelLook = () => {}
  #isStopped = false

  constructor(options: AgentOptions, ports: NodePodsPorts) {
    this.#options = options
    this.#ports = ports
    const turns = new Turns(maxPrograms)
    const agentPorts: PodAgentPorts = {
      ...ports,
      inTurn: (run) => (argv, input) => turns.take(() => run(argv, input)),
    }
    this.#keeperPorts = {
      ...ports,
      start: (opened) => PodAgent.start(opened, options, agentPorts),
      open: (pod, network) => openPod({ pod, network }, options, ports.networks),
      onChange: () => this.#save(),
      retire: (agent) => this.#retired.absorb(agent.meters),
    }
    for (const state of ['served', 'waiting', 'failed'] as const) {
      ports.meters.cell(nodePods, state)
    }
    ports.meters.reading(nodeViews, () => ports.views.size)
  }

  /** Serves what is open already, and looks after all from now on. */
  async start(reopened: readonly ReopenedPod[]): Promise<this> {
    for (const one of reopened) this.#add(one)
    await Promise.all([...this.#keepers.values()].map((keeper) => keeper.look()))
    this.#lookLater()
    return this
  }

  /** These are to be served, and no others. */
  async set(pods: ReadonlyMap<string, NodePod>): Promise<void> {
    if (this.#isStopped) return
    const looks: Promise<void>[] = []
    for (const [uid, keeper] of this.#keepers) if (!pods.has(uid)) this.#end(keeper, 'release')
    for (const [uid, pod] of pods) {
      const known = this.#keepers.get(uid)
      if (known?.pod === pod) continue
      if (known) known.update(pod)
      looks.push((known ?? this.#add({ pod })).look())
    }
    await Promise.all([...looks, ...this.#ending])
  }

  /** What all have counted together. */
  meters(): Meters {
    const agents = this.#agents().map(({ meters }) => meters)
    const counts = { served: 0, waiting: 0, failed: 0 }
    for (const { state } of this.#keepers.values()) counts[state] += 1
    for (const [state, count] of Object.entries(counts)) {
      this.#ports.meters.cell(nodePods, state).value = count
    }
    return sumMeters([this.#ports.meters, this.#retired, ...agents])
  }

  problems() {
    return this.#agents().flatMap((agent) => agent.problems())
  }

  /** For people. */
  describe() {
    return [...this.#keepers.values()].map((keeper) => keeper.describe())
  }

  stop(): Promise<void> {
    return this.#stop(this.#options.node.onStop)
  }

  async #stop(rules: 'release' | 'keep'): Promise<void> {
    this.#isStopped = true
    this.#cancelLook()
    for (const keeper of this.#keepers.values()) this.#end(keeper, rules)
    await Promise.all(this.#ending)
    if (rules === 'release') this.#save()
    await this.#ports.file.stop()
  }

  #agents(): readonly KeptAgent[] {
    return [...this.#keepers.values()].flatMap(({ agent }) => agent ?? [])
  }

  #add(one: ReopenedPod): PodKeeper {
    const keeper = new PodKeeper(one, this.#keeperPorts)
    this.#keepers.set(one.pod.uid, keeper)
    return keeper
  }

  #end(keeper: PodKeeper, rules: 'release' | 'keep'): void {
    this.#keepers.delete(keeper.pod.uid)
    const ending = keeper.end(rules).catch((error: unknown) => {
      this.#ports.log.error({ error, pod: keeper.pod.name }, 'a pod could not be let go')
    })
    this.#ending.add(ending)
    void ending.then(() => this.#ending.delete(ending))
  }

  #lookLater(): void {
    const isWaiting = [...this.#keepers.values()].some(({ state }) => state === 'waiting')
    const delayMs = isWaiting ? lookEveryMs.waiting : lookEveryMs.usually
    this.#cancelLook = this.#ports.clock.after(delayMs, () => {
      const looks = [...this.#keepers.values()].map((keeper) => keeper.look())
      // One that takes long does not keep the others waiting.
      for (const look of looks) {
        look.catch((error: unknown) =>
          this.#ports.log.error({ error }, 'a pod was not looked after'),
        )
      }
      if (!this.#isStopped) this.#lookLater()
    })
  }

  #save(): void {
    if (this.#isStopped && this.#options.node.onStop === 'keep') return
    this.#ports.file.save(() => [...this.#keepers.values()].flatMap(({ served }) => served ?? []))
  }
}
