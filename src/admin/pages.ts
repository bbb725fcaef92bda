import type { Health } from '../base/health.ts'
import { json, type Route } from './route.ts'

export type Readiness =
  | {
      readonly ready: true
      /** How far what a controller told can be relied on; missing when there is no controller. */
      readonly table?: { readonly kind: string; readonly ageSeconds?: number }
    }
  /** `reason` is for people: what is being waited for. */
  | { readonly ready: false; readonly reason: string }

/** For probes that send work here: 503 with the reason as long as there is one. */
export function readinessPage(read: () => Readiness): Route {
  return {
    summary:
      'Whether names can be answered yet: 200, or 503 with the reason. Under a controller it says as well whether the table is fresh, stale (with its age) or was never synced; questions are answered all the same.',
    access: 'anyone',
    respond() {
      const readiness = read()
      return json(readiness.ready ? 200 : 503, readiness)
    },
  }
}

/** For probes that restart what hangs: answering is the whole answer. */
export const livenessPage: Route = {
  summary: 'Whether the process runs: 200.',
  access: 'anyone',
  respond: () => json(200, { live: true }),
}

/** The problems that exist right now; 503 when one of them keeps us from serving. */
export function healthPage(health: Pick<Health, 'items'>): Route {
  return {
    summary: 'The problems that exist right now, with what to do about each.',
    access: 'anyone',
    respond() {
      const items = health.items()
      const isDown = items.some(({ severity }) => severity === 'down')
      const troubled = isDown ? 'down' : 'degraded'
      return json(isDown ? 503 : 200, { status: items.length === 0 ? 'ok' : troubled, items })
    },
  }
}

/** What we know, for people who look for a mistake: 404 and `{}` while there is nothing. */
export function debugPage(summary: string, read: (query: URLSearchParams) => unknown): Route {
  return {
    summary,
    access: 'loopback',
    respond({ query }) {
      const value = read(query)
      return value === undefined ? json(404, {}) : json(200, value)
    },
  }
}

/** Numbers for a scraper, in a format of its own. */
export function metricsPage(contentType: string, render: () => Promise<string>): Route {
  return {
    summary: 'All metrics in the text format of Prometheus.',
    access: 'anyone',
    respond: async () => ({ status: 200, contentType, body: await render() }),
  }
}
