/** What a client and an endpoint may share (Istio: LoadBalancing.Scope). */
export const placeScopes = ['NETWORK', 'REGION', 'ZONE', 'SUBZONE', 'NODE'] as const
export type PlaceScope = (typeof placeScopes)[number]

/**
 * Which endpoints get connections first, by where they are (Istio: LoadBalancing). Immutable.
 *
 * It counts where we choose an endpoint: for connections that the relay carries, to virtual addresses and to caught ones
 * of Services. A headless host is answered with all of its endpoints, as kube-dns does, and what is not caught is up to
 * the cluster.
 */
export interface Nearness {
  /** An endpoint is the nearer the more of these it shares with the client, counted up to the first that it does not. */
  readonly scopes: readonly PlaceScope[]
  /** Endpoints that do not share all of them get nothing. */
  readonly strict: boolean
}

/** Where a client or an endpoint is, as far as it is known. */
export interface Place {
  readonly network?: string
  /** `REGION/ZONE/SUBZONE`. */
  readonly locality?: string
  /** Name of the cluster's node. */
  readonly node?: string
}

/** By the words of Kubernetes, as istiod writes them. */
export const nearnessOf = {
  PreferSameZone: { scopes: ['NETWORK', 'REGION', 'ZONE'], strict: false },
  PreferSameNode: { scopes: ['NETWORK', 'REGION', 'ZONE', 'SUBZONE', 'NODE'], strict: false },
  Local: { scopes: ['NODE'], strict: true },
} as const satisfies Record<string, Nearness>

/** For people: the word of Kubernetes, else what counts. */
export function describeNearness(nearness: Nearness): string {
  const known = Object.entries(nearnessOf).find(([, one]) => isSameNearness(one, nearness))
  if (known) return known[0]
  return `${nearness.strict ? 'only' : 'prefer'} same ${nearness.scopes.join(', ').toLowerCase()}`
}

export function isSameNearness(a: Nearness | undefined, b: Nearness | undefined): boolean {
  return a?.strict === b?.strict && a?.scopes.join() === b?.scopes.join()
}
