import {
  debugPage,
  healthPage,
  livenessPage,
  metricsPage,
  type Readiness,
  readinessPage,
} from '../admin/pages.ts'
import type { Route, Routes } from '../admin/route.ts'
import { startPages } from '../admin/start-pages.ts'
import type { Meters } from '../base/meters.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { followProcess } from '../telemetry/process-meters.ts'
import { prometheusContentType, renderPrometheus } from '../telemetry/prometheus.ts'
import type { AgentCatalog } from './catalog.ts'
import type { OptionsSource } from './live-options.ts'
import type { AgentOptions } from './options.ts'
import { optionsPage } from './options-page.ts'
import type { AgentPorts } from './ports.ts'

export interface AgentPagesNeeds {
  readonly catalog: AgentCatalog
  readonly source: OptionsSource | undefined
  readonly health: Parameters<typeof healthPage>[0]
  readonly meters: () => Meters
  readonly readiness: () => Readiness
  /** Those of this kind of agent. */
  readonly own: Routes
}

/** Serves the pages of any agent for probes, scrapers and people; where. */
export async function serveAgentPages(
  { admin }: Pick<AgentOptions, 'admin'>,
  { catalog, source, health, meters, readiness, own }: AgentPagesNeeds,
  ports: AgentPorts,
): Promise<SocketAddress> {
  const { scope } = ports
  followProcess(ports.meters, ports.clock)
  const page = metricsPage(prometheusContentType, () => renderPrometheus(meters()))
  const ready: Routes = { '/healthz/ready': readinessPage(readiness) }
  const routes: Record<string, Route> = {
    ...ready,
    '/healthz/live': livenessPage,
    '/health': healthPage(health),
    '/metrics': page,
    '/stats/prometheus': page,
    ...own,
    '/debug/virtual-addresses': debugPage('Who holds which virtual address.', () =>
      Object.fromEntries(catalog.virtualAddresses()),
    ),
    '/debug/options': optionsPage(source),
  }
  if (catalog.describe) {
    const summary = 'The controller, and the table that came from it.'
    routes['/debug/controller'] = debugPage(summary, () => catalog.describe?.())
  }
  const limits = { ...ports, ...admin }
  const { address } = await scope.start('admin', () => startPages(admin.address, routes, limits))
  if (admin.readinessAddress !== admin.address) {
    await scope.start('readiness', () => startPages(admin.readinessAddress, ready, limits))
  }
  return address
}
