import type { ServicesByHost } from '../registry/catalog.ts'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import { RestrictedHosts } from '../registry/cluster-sight.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { ViewScope } from '../registry/scope.ts'
import {
  type EncodedCluster,
  encodeCluster,
  withLocality,
} from '../translate/discovery/cluster-message.ts'

interface EncodedFacts {
  readonly facts: ClusterFacts
  readonly complete: EncodedCluster
  readonly incomplete: EncodedCluster
  /** Both for those of whom is known where they are, by whether it is complete and the locality: proxies are many. */
  readonly placed: Map<string, EncodedCluster>
}

/** What each proxy is told of the cluster: whoever does not see all of its services must not deny names. */
export class ClusterMessages {
  readonly #restricted: RestrictedHosts
  #encoded: EncodedFacts | undefined

  constructor(services: () => ServicesByHost) {
    this.#restricted = new RestrictedHosts(services)
  }

  /** To be called with the hosts of every change. */
  changed(hosts: Iterable<Hostname>): void {
    this.#restricted.changed(hosts)
  }

  /** `locality` of the proxy's node, where that is known. */
  messageOf(facts: ClusterFacts, scope: ViewScope, locality?: string): EncodedCluster {
    if (this.#encoded?.facts !== facts) {
      const incomplete = encodeCluster({ ...facts, complete: false })
      this.#encoded = { facts, incomplete, complete: encodeCluster(facts), placed: new Map() }
    }
    const { complete, incomplete, placed } = this.#encoded
    const message = this.#restricted.areSeenThrough(scope) ? complete : incomplete
    if (locality === undefined) return message
    const key = `${message === complete} ${locality}`
    const known = placed.get(key) ?? withLocality(message, locality)
    placed.set(key, known)
    return known
  }
}
