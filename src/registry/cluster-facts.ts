/** What is known of a Kubernetes cluster as a whole, besides its services. Plain data. */
export interface ClusterFacts {
  /** The domain of its services, such as `cluster.local`. */
  readonly domain: string
  /** Namespaces that exist. */
  readonly namespaces: ReadonlySet<string>
  /**
   * Whether all services and endpoints of the cluster are known to whoever has these facts: then what
   * is not known does not exist. When in doubt it is false, and unknown names are asked elsewhere.
   */
  readonly complete: boolean
  /** `NAME.NAMESPACE` of Services that exist and are not understood; nothing below their names is denied. */
  readonly unknownServices: ReadonlySet<string>
  /** Where the node is that whoever has these facts runs on, `REGION/ZONE/SUBZONE`. */
  readonly locality?: string
}

/** Where facts about a cluster come from. Live: up to date whenever the caller looks. */
export interface ClusterFactsSource {
  /** `undefined` while there is no cluster, or nothing is known of it. */
  clusterFacts(): ClusterFacts | undefined
  /**
   * Calls back after each change; facts say `complete` only after everything that makes them so was told
   * to those who follow the services.
   */
  followClusterFacts(onChange: () => void): void
  /** Where a node is, where nodes are known; changes are told as those of facts. */
  localityOf?(node: string): string | undefined
}

/** Whether both say the same. */
export function isSameFacts(a: ClusterFacts | undefined, b: ClusterFacts | undefined): boolean {
  if (a === b || !a || !b) return a === b
  return (
    a.domain === b.domain &&
    a.complete === b.complete &&
    a.locality === b.locality &&
    isSameSet(a.namespaces, b.namespaces) &&
    isSameSet(a.unknownServices, b.unknownServices)
  )
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && a.isSubsetOf(b)
}
