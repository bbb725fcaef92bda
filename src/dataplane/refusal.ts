/** Why a connection is refused; label of a metric and `reason` of a log line. */
export const refusalReasons = [
  /** A virtual address, on a port that its host does not declare. */
  'port_not_declared',
  /** A virtual address that nobody holds (any more). */
  'address_not_assigned',
  /** Not of the mesh, where only the mesh is allowed. */
  'not_in_registry',
  /** The service has none, none that is ready, or none on this node where no other may be used (internalTrafficPolicy). */
  'no_endpoints',
  'endpoints_unreachable',
  /** The endpoint's name, or the client's, has no address. */
  'name_not_resolved',
  /** The client did not say which host below the wildcard it means. */
  'no_server_name',
  /** The host that the client named is not below the wildcard. */
  'server_name_mismatch',
  /** It would lead back into the relay. */
  'loop',
  'too_many_connections',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

export interface Refusal {
  readonly kind: 'refused'
  readonly reason: RefusalReason
  /** What went wrong last, when something did. */
  readonly error?: unknown
}

export function refusal(reason: RefusalReason, error?: unknown): Refusal {
  return error === undefined ? { kind: 'refused', reason } : { kind: 'refused', reason, error }
}
