export interface TranslateOptions {
  /** Behind `svc` in the names of Kubernetes Services, such as `cluster.local`. */
  readonly clusterDomain: string
  /** Who sees services that do not say it themselves. */
  readonly defaultExportTo: readonly string[]
  /** Whether hosts without an address get a virtual one. */
  readonly autoAllocate: boolean
}
