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
import { followProcess } from '../telemetry/process-meters.ts'
import { prometheusContentType, renderPrometheus } from '../telemetry/prometheus.ts'
import type { AgentCatalog } from './catalog.ts'
import type { OptionsSource } from './live-options.ts'
import type { Mesh } from './mesh.ts'
import type { AgentOptions } from './options.ts'
import { optionsPage } from './options-page.ts'
import type { AgentPorts } from './ports.ts'

/** Serves the pages for probes, scrapers and people, on loopback unless the options say otherwise. */
export async function serveAdmin(
  { admin }: AgentOptions,
  mesh: Mesh,
  ports: AgentPorts & {
    readonly catalog: AgentCatalog
    readonly source: OptionsSource | undefined
    readiness(): Readiness
  },
): Promise<void> {
  const { health, meters, scope } = ports
  followProcess(meters, ports.clock)
  const page = metricsPage(prometheusContentType, () => renderPrometheus(meters))
  const ready: Routes = { '/healthz/ready': readinessPage(() => ports.readiness()) }
  const routes: Record<string, Route> = {
    ...ready,
    '/healthz/live': livenessPage,
    '/health': healthPage(health),
    '/metrics': page,
    '/stats/prometheus': page,
    '/debug/ndsz': debugPage('The names that are answered from the mesh.', () => nameTable(mesh)),
    '/debug/virtual-addresses': debugPage('Who holds which virtual address.', () =>
      Object.fromEntries(ports.catalog.virtualAddresses()),
    ),
    '/debug/options': optionsPage(ports.source),
  }
  const { catalog } = ports
  if (catalog.describe) {
    const summary = 'The controller, and the table that came from it.'
    routes['/debug/controller'] = debugPage(summary, () => catalog.describe?.())
  }
  const limits = { ...ports, ...admin }
  await scope.start('admin', () => startPages(admin.address, routes, limits))
  if (admin.readinessAddress === admin.address) return
  await scope.start('readiness', () => startPages(admin.readinessAddress, ready, limits))
}

/** As Istio's agent shows it, with what we know besides; nothing before the first table. */
function nameTable(mesh: Mesh): unknown {
  const hosts = [...mesh.records()].map((record) => {
    const [service] = mesh.view.get(record.host)?.services ?? []
    const { addresses: ips, ...more } = record
    return [
      record.host,
      { ips, registry: service?.registry, namespace: service?.namespace, ...more },
    ]
  })
  return hosts.length > 0 ? { table: Object.fromEntries(hosts) } : undefined
}
