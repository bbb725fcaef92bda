import type { Clock } from '../../base/clock.ts'
import type { Running } from '../../base/scope.ts'
import { projectObject } from '../../kubernetes/source/project-object.ts'
import { sidecarKind } from '../../kubernetes/source/source-kinds.ts'
import { Reflector } from '../../kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../kubernetes/watch/reflector-options.ts'
import type { Sidecar } from '../../registry/sidecar.ts'
import { sidecarOf } from '../../translate/services/from-sidecar.ts'
import type { AgentCatalog } from '../catalog.ts'
import type { SidecarsFile } from './sidecars-file.ts'

export interface SidecarListPorts extends ReflectorPorts {
  readonly clock: Clock
  readonly file: Pick<SidecarsFile, 'load' | 'save' | 'stop'>
}

/** An API server that starts may not know its kinds yet; only after this time there are no Sidecars. */
const missingAfterMs = 30_000

/**
 * The Sidecars of the cluster. A controller applies them for a proxy that stands beside its workload; what it tells a
 * node is for all pods of it, so that the node does it itself, pod by pod. Those of the last agent hold until the
 * cluster has said which there are.
 */
export class SidecarList implements Running {
  readonly #ports: SidecarListPorts
  readonly #reflector: Reflector<Sidecar>
  #sidecars: readonly Sidecar[] = []
  readonly #followers: (() => void)[] = []
  #cancelMissing = () => {}

  constructor(ports: SidecarListPorts) {
    this.#ports = ports
    this.#reflector = new Reflector<Sidecar>(
      {
        kind: sidecarKind.watched,
        project(raw) {
          const { object } = projectObject(raw, sidecarKind, false)
          return object?.kind === 'Sidecar' ? sidecarOf(object) : undefined
        },
      },
      ports,
    )
  }

  /** Takes those of the last agent; whether there was one that knew. */
  async load(): Promise<boolean> {
    const saved = await this.#ports.file.load()
    this.#sidecars = saved ?? []
    return saved !== undefined
  }

  /** Resolves when the cluster has said which there are, or that we may not know. */
  async start(): Promise<this> {
    this.#reflector.follow(() => this.#look())
    this.#reflector.followState(() => this.#look())
    await this.#reflector.start()
    return this
  }

  async stop(): Promise<void> {
    this.#cancelMissing()
    await this.#reflector.stop()
    await this.#ports.file.stop()
  }

  /** The catalog with these Sidecars besides its own. */
  over(catalog: AgentCatalog): AgentCatalog {
    return {
      services: () => catalog.services(),
      virtualAddresses: () => catalog.virtualAddresses(),
      sidecars: () => [...catalog.sidecars(), ...this.#sidecars],
      reload: () => catalog.reload(),
      clusterFacts: () => catalog.clusterFacts?.(),
      followClusterFacts: (onChange) => catalog.followClusterFacts?.(onChange),
      follow: (onChange) => {
        catalog.follow(onChange)
        this.#followers.push(() => onChange({ hosts: new Set(), sidecars: true }))
      },
    }
  }

  #look(): void {
    this.#cancelMissing()
    const { state } = this.#reflector
    if (state === 'synced') this.#take()
    if (state !== 'missing') return
    this.#cancelMissing = this.#ports.clock.after(missingAfterMs, () => this.#take())
  }

  #take(): void {
    this.#sidecars = [...this.#reflector.items().values()]
    this.#ports.file.save(this.#sidecars)
    for (const onChange of this.#followers) onChange()
  }
}
