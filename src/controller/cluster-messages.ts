import type { ServicesByHost } from '../registry/catalog.ts'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { ViewScope } from '../registry/scope.ts'
import { type EncodedCluster, encodeCluster } from '../translate/discovery/cluster-message.ts'

/** What each proxy is told of the cluster: whoever does not see all of its services must not deny names. */
export class ClusterMessages {
  readonly #services: () => ServicesByHost
  /** Hosts of Kubernetes Services that not everybody sees. */
  readonly #restricted = new Set<Hostname>()
  #encoded:
    | { facts: ClusterFacts; complete: EncodedCluster; incomplete: EncodedCluster }
    | undefined

  constructor(services: () => ServicesByHost) {
    this.#services = services
    this.changed(services().keys())
  }

  /** To be called with the hosts of every change. */
  changed(hosts: Iterable<Hostname>): void {
    for (const host of hosts) {
      const isRestricted = this.#kubernetes(host).some(({ exportTo }) => !exportTo.includes('*'))
      if (isRestricted) this.#restricted.add(host)
      else this.#restricted.delete(host)
    }
  }

  messageOf(facts: ClusterFacts, scope: ViewScope): EncodedCluster {
    if (this.#encoded?.facts !== facts) {
      const incomplete = encodeCluster({ ...facts, complete: false })
      this.#encoded = { facts, incomplete, complete: encodeCluster(facts) }
    }
    const { complete, incomplete } = this.#encoded
    return this.#seesAll(scope) ? complete : incomplete
  }

  #seesAll(scope: ViewScope): boolean {
    if (!scope.seesExported) return false
    return [...this.#restricted].every((host) =>
      this.#kubernetes(host).every((service) => scope.sees(service)),
    )
  }

  #kubernetes(host: Hostname) {
    const services = this.#services().get(host) ?? []
    return services.filter(({ registry }) => registry === 'Kubernetes')
  }
}
