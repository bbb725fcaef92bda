import {
  debugPage,
  healthPage,
  livenessPage,
  metricsPage,
  type Readiness,
  readinessPage,
} from '../../admin/pages.ts'
import type { Route, Routes } from '../../admin/route.ts'
import { startPages } from '../../admin/start-pages.ts'
import { formatSocketAddress } from '../../ip/socket-address.ts'
import { followProcess } from '../../telemetry/process-meters.ts'
import { prometheusContentType, renderPrometheus } from '../../telemetry/prometheus.ts'
import type { AgentCatalog } from '../catalog.ts'
import type { OptionsSource } from '../live-options.ts'
import type { AgentOptions } from '../options.ts'
import { optionsPage } from '../options-page.ts'
import type { AgentPorts } from '../ports.ts'
import type { NodePods } from './node-pods.ts'
import type { PodsPage } from './pods-page.ts'

export interface NodePagesNeeds {
  readonly catalog: AgentCatalog
  readonly pods: NodePods
  /** Why pods are left alone. */
  readonly left: () => Readonly<Record<string, string>>
  readonly source: OptionsSource | undefined
  readonly readiness: () => Readiness
}

/** Serves the pages of an agent of a node: what all pods have in common, and each of them. */
export async function serveNodePages(
  { admin }: AgentOptions,
  { catalog, pods, left, source, readiness }: NodePagesNeeds,
  ports: AgentPorts,
): Promise<void> {
  const { health, meters, scope } = ports
  followProcess(meters, ports.clock)
  const page = metricsPage(prometheusContentType, () => renderPrometheus(pods.meters()))
  const ready: Routes = { '/healthz/ready': readinessPage(readiness) }
  const items = () => [...health.items(), ...pods.problems()]
  const routes: Record<string, Route> = {
    ...ready,
    '/healthz/live': livenessPage,
    '/health': healthPage({ items }),
    '/metrics': page,
    '/stats/prometheus': page,
    '/debug/podz': debugPage(
      'The pods of this node: which are served, and how; which are not, and why.',
      () => ({ pods: pods.describe(), left: left() }) satisfies PodsPage,
    ),
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
  ports.log.info({ address: formatSocketAddress(address) }, 'pages are served')
  if (admin.readinessAddress === admin.address) return
  await scope.start('readiness', () => startPages(admin.readinessAddress, ready, limits))
}
