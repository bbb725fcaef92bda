import { debugPage, healthPage, livenessPage, metricsPage, readinessPage } from '../admin/pages.ts'
import type { Routes } from '../admin/route.ts'
import { type Pages, startPages } from '../admin/start-pages.ts'
import { followProcess } from '../telemetry/process-meters.ts'
import { prometheusContentType, renderPrometheus } from '../telemetry/prometheus.ts'
import type { ControllerOptions } from './options.ts'
import { debugPages, type Shown } from './pages/debug-pages.ts'
import type { ControllerPorts } from './ports.ts'

interface PageParts {
  readonly options: ControllerOptions
  /** Of this program. */
  readonly version: string
  /** Nothing before the controller serves. */
  readonly shown: () => Shown | undefined
}

/**
 * Serves the pages for probes, scrapers and people; by the names that istiod has for them, where it has one.
 *
 * They are there while the controller starts, and say what it waits for.
 */
export async function servePages(
  { options, version, shown }: PageParts,
  ports: ControllerPorts,
): Promise<Pages> {
  const { admin } = options
  const { health, meters, clock, scope, readiness } = ports
  followProcess(meters, clock)
  const routes: Routes = {
    '/healthz/ready': readinessPage(() => readiness.current()),
    '/ready': readinessPage(() => readiness.current()),
    '/healthz/live': livenessPage,
    '/health': healthPage(health),
    '/version': debugPage('The version of this controller.', () => ({ version })),
    '/metrics': metricsPage(prometheusContentType, () => renderPrometheus(meters)),
    ...debugPages(options, shown),
  }
  return scope.start('pages', () => startPages(admin.address, routes, { ...ports, ...admin }))
}
