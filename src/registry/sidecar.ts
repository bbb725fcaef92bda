/** What some workloads of a namespace are interested in (Istio: Sidecar, egress hosts only). Immutable. */
export interface Sidecar {
  readonly namespace: string
  readonly name: string
  /** Labels of the workloads; all of the namespace when missing. */
  readonly selector?: ReadonlyMap<string, string>
  readonly egress: readonly EgressHosts[]
  /** Milliseconds since 1970; 0 when nobody said. */
  readonly createdAt: number
}

/** One `NAMESPACE/HOST` of a Sidecar. */
export interface EgressHosts {
  /** `*` all, `.` the workload's own, `~` none, or a name. */
  readonly namespace: string
  /** A host, a wildcard, or `*` for all. */
  readonly host: string
}
