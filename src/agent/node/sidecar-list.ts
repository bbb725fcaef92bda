import type { Running } from '../../base/scope.ts'
import { projectObject } from '../../kubernetes/source/project-object.ts'
import { sidecarKind } from '../../kubernetes/source/source-kinds.ts'
import { Reflector } from '../../kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../kubernetes/watch/reflector-options.ts'
import type { Sidecar } from '../../registry/sidecar.ts'
import { sidecarOf } from '../../translate/services/from-sidecar.ts'
import type { AgentCatalog } from '../catalog.ts'

/**
 * The Sidecars of the cluster. A controller applies them for a proxy that stands beside its workload; what it tells a
 * node is for all pods of it, so that the node does it itself, pod by pod.
 */
export class SidecarList implements Running {
  readonly #reflector: Reflector<Sidecar>
  #sidecars: readonly Sidecar[] = []
  readonly #followers: (() => void)[] = []

  constructor(ports: ReflectorPorts) {
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

  async start(): Promise<this> {
    this.#reflector.follow(() => this.#take())
    await this.#reflector.start()
    this.#take()
    return this
  }

  stop(): Promise<void> {
    return this.#reflector.stop()
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

  #take(): void {
    const sidecars = [...this.#reflector.items().values()]
    if (sidecars.length === 0 && this.#sidecars.length === 0) return
    this.#sidecars = sidecars
    for (const onChange of this.#followers) onChange()
  }
}
