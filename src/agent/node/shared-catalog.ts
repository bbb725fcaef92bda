import type { Catalog, CatalogChange } from '../../registry/catalog.ts'
import type { ClusterFactsSource } from '../../registry/cluster-facts.ts'
import type { AgentCatalog } from '../catalog.ts'

/** A catalog as one of its followers has it. */
export interface CatalogLease {
  readonly catalog: Catalog & ClusterFactsSource
  /** From then on it hears of nothing. */
  end(): void
}

/** A catalog whose followers come and go. */
export class SharedCatalog {
  readonly #catalog: AgentCatalog
  readonly #followers = new Set<(change: CatalogChange) => void>()
  readonly #factsFollowers = new Set<() => void>()

  constructor(catalog: AgentCatalog) {
    this.#catalog = catalog
    catalog.follow((change) => {
      for (const onChange of this.#followers) onChange(change)
    })
    catalog.followClusterFacts?.(() => {
      for (const onChange of this.#factsFollowers) onChange()
    })
  }

  open(): CatalogLease {
    const catalog = this.#catalog
    const own: (() => void)[] = []
    return {
      catalog: {
        services: () => catalog.services(),
        sidecars: () => catalog.sidecars(),
        virtualAddresses: () => catalog.virtualAddresses(),
        clusterFacts: () => catalog.clusterFacts?.(),
        follow: (onChange) => {
          this.#followers.add(onChange)
          own.push(() => this.#followers.delete(onChange))
        },
        followClusterFacts: (onChange) => {
          this.#factsFollowers.add(onChange)
          own.push(() => this.#factsFollowers.delete(onChange))
        },
      },
      end() {
        for (const forget of own.splice(0)) forget()
      },
    }
  }
}
