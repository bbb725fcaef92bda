import type { Declarations } from './catalog.ts'
import type { ClusterFacts, ClusterFactsSource } from './cluster-facts.ts'
import type { Hostname } from './hostname.ts'
import type { ViewScope } from './scope.ts'

/** Hosts of Kubernetes Services that not everybody sees; whoever does not see all of them must not deny names. */
export class RestrictedHosts {
  readonly #services: Declarations['services']
  readonly #hosts = new Set<Hostname>()

  constructor(services: Declarations['services']) {
    this.#services = services
    this.changed(services().keys())
  }

  /** To be called with the hosts of every change. */
  changed(hosts: Iterable<Hostname>): void {
    for (const host of hosts) {
      const isRestricted = this.#kubernetes(host).some(({ exportTo }) => !exportTo.includes('*'))
      if (isRestricted) this.#hosts.add(host)
      else this.#hosts.delete(host)
    }
  }

  /** Whether all Services of the cluster are seen through the scope. */
  areSeenThrough(scope: ViewScope): boolean {
    if (!scope.seesExported) return false
    return [...this.#hosts].every((host) =>
      this.#kubernetes(host).every((service) => scope.sees(service)),
    )
  }

  #kubernetes(host: Hostname) {
    const services = this.#services().get(host) ?? []
    return services.filter(({ registry }) => registry === 'Kubernetes')
  }
}

/** Facts about a cluster as they are for somebody who may not see all of it. */
export class ClusterSight implements ClusterFactsSource {
  readonly #catalog: Pick<Declarations, 'services' | 'follow'> & ClusterFactsSource
  readonly #scope: ViewScope
  readonly #restricted: RestrictedHosts
  readonly #followers: (() => void)[] = []
  #known: { readonly whole: ClusterFacts; readonly own: ClusterFacts } | undefined

  constructor(
    catalog: Pick<Declarations, 'services' | 'follow'> & ClusterFactsSource,
    scope: ViewScope,
  ) {
    this.#catalog = catalog
    this.#scope = scope
    this.#restricted = new RestrictedHosts(() => catalog.services())
    catalog.follow(({ hosts }) => {
      this.#restricted.changed(hosts)
      this.#tell()
    })
    catalog.followClusterFacts(() => this.#tell())
  }

  /** The same object as long as it says the same. */
  clusterFacts(): ClusterFacts | undefined {
    const whole = this.#catalog.clusterFacts()
    if (!whole) return undefined
    const complete = whole.complete && this.#restricted.areSeenThrough(this.#scope)
    if (complete === whole.complete) return whole
    if (this.#known?.whole !== whole) this.#known = { whole, own: { ...whole, complete } }
    return this.#known.own
  }

  followClusterFacts(onChange: () => void): void {
    this.#followers.push(onChange)
  }

  #tell(): void {
    for (const onChange of this.#followers) onChange()
  }
}
