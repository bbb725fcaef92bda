import type { Prefix } from '../../ip/prefix.ts'

/** How resources of workload discovery become services. */
export interface ReadOptions {
  /** Behind `svc` in the names of Kubernetes Services, such as `cluster.local`. */
  readonly clusterDomain: string
  /** Addresses in them count as virtual where the controller does not say it. */
  readonly virtualRanges: readonly Prefix[]
  /** Stands for the file where the controller names none. */
  readonly source: string
}
