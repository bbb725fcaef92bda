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
}
