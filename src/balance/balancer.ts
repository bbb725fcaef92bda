import type { RecentFailures } from './recent-failures.ts'
import type { Route, RouteEndpoint } from './route.ts'

/** Routes whose turns are remembered; beyond, the least recently used one starts anew. */
const maximumRoutes = 20_000

/** An endpoint and how much it is owed. */
interface Share {
  readonly endpoint: RouteEndpoint
  credit: number
}

interface Turns {
  readonly route: Route
  readonly shares: readonly Share[]
}

/**
 * Chooses endpoints in turn, by weight (smooth weighted round robin): over as many connections as the
 * weights add up to, each endpoint gets exactly its weight, well mixed.
 *
 * Turns go on when a new table brings the same route again, so that frequent changes favour nobody.
 */
export class Balancer {
  readonly #failures: RecentFailures
  readonly #turns = new Map<string, Turns>()

  constructor(failures: RecentFailures) {
    this.#failures = failures
  }

  /**
   * The endpoints to try for one connection, best first, none twice.
   *
   * Those that failed a short while ago come after the others. An endpoint of weight 0 gets nothing
   * as long as one that has a weight can be reached; if no one has a weight, all are equal. Among those that are left
   * the nearest come first.
   */
  *candidates(route: Route): Generator<RouteEndpoint> {
    const shares = this.#sharesOf(route)
    const tried = new Set<Share>()
    while (tried.size < shares.length) {
      const left = tried.size === 0 ? shares : shares.filter((share) => !tried.has(share))
      const preferred = this.#preferred(left)
      const chosen = takeTurn(route.hasNearer ? nearestOf(preferred) : preferred)
      if (!chosen) return
      tried.add(chosen)
      yield chosen.endpoint
    }
  }

  failed(endpoint: RouteEndpoint): void {
    this.#failures.mark(`endpoint ${endpoint.key}`)
  }

  worked(endpoint: RouteEndpoint): void {
    this.#failures.clear(`endpoint ${endpoint.key}`)
  }

  #preferred(shares: readonly Share[]): readonly Share[] {
    const weighted = shares.filter(({ endpoint }) => endpoint.weight > 0)
    const ranked = weighted.length > 0 ? weighted : shares
    const sound = ranked.filter(({ endpoint }) => !this.#failures.has(`endpoint ${endpoint.key}`))
    return sound.length > 0 ? sound : ranked
  }

  #sharesOf(route: Route): readonly Share[] {
    const key = `${route.namespace}/${route.host}:${route.port}`
    const held = this.#turns.get(key)
    this.#turns.delete(key)
    const turns = held?.route === route ? held : { route, shares: carryOver(route, held) }
    this.#turns.set(key, turns)
    if (this.#turns.size > maximumRoutes) {
      for (const [oldest] of this.#turns) {
        this.#turns.delete(oldest)
        break
      }
    }
    return turns.shares
  }
}

function carryOver(route: Route, held: Turns | undefined): Share[] {
  const credits = new Map(held?.shares.map((share) => [share.endpoint.key, share.credit]))
  return route.endpoints.map((endpoint) => ({ endpoint, credit: credits.get(endpoint.key) ?? 0 }))
}

function nearestOf(shares: readonly Share[]): readonly Share[] {
  const nearest = shares.reduce(
    (least, { endpoint }) => Math.min(least, endpoint.distance),
    Infinity,
  )
  return shares.filter(({ endpoint }) => endpoint.distance === nearest)
}

function takeTurn(shares: readonly Share[]): Share | undefined {
  let best: Share | undefined
  let total = 0
  for (const share of shares) {
    const weight = share.endpoint.weight || 1
    total += weight
    share.credit += weight
    if (!best || share.credit > best.credit) best = share
  }
  if (best) best.credit -= total
  return best
}
