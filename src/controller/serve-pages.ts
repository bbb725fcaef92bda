import { type AdminServer, startAdminServer } from '../admin/admin-server.ts'
import {
  debugPage,
  healthPage,
  livenessPage,
  metricsPage,
  type Readiness,
  readinessPage,
} from '../admin/pages.ts'
import type { Routes } from '../admin/route.ts'
import type { AllocatingCatalog } from '../allocate/allocating-catalog.ts'
import { poolsOf } from '../allocate/pools.ts'
import type { MeshConfig } from '../config/mesh-config.ts'
import type { FilesSource } from '../files/files-source.ts'
import { parseSocketAddress } from '../ip/socket-address.ts'
import { followProcess } from '../telemetry/process-meters.ts'
import { prometheusContentType, renderPrometheus } from '../telemetry/prometheus.ts'
import type { ControllerOptions } from './options.ts'
import { meshPage } from './pages/mesh-page.ts'
import { proxyConfigPage } from './pages/proxy-config-page.ts'
import type { ControllerPorts } from './ports.ts'

/** What the pages look at. */
export interface Shown {
  readonly source: FilesSource
  readonly catalog: AllocatingCatalog
  mesh(): MeshConfig
  readiness(): Readiness
}

/** Serves the pages for probes, scrapers and people; by the names that istiod has for them, where it has one. */
export async function servePages(
  options: ControllerOptions,
  shown: Shown,
  ports: ControllerPorts,
): Promise<AdminServer> {
  const { admin } = options
  const { health, meters, clock, scope } = ports
  followProcess(meters, clock)
  const routes: Routes = {
    '/healthz/ready': readinessPage(() => shown.readiness()),
    '/ready': readinessPage(() => shown.readiness()),
    '/healthz/live': livenessPage,
    '/health': healthPage(health),
    '/metrics': metricsPage(prometheusContentType, () => renderPrometheus(meters)),
    ...debugPages(options, shown),
  }
  const where = parseSocketAddress(admin.address)
  return scope.start('pages', () => startAdminServer(where, routes, { ...ports, ...admin }))
}

function debugPages(options: ControllerOptions, { source, catalog, ...shown }: Shown): Routes {
  const { clusterDomain, virtualAddresses } = options
  return {
    '/debug/configz': {
      summary: 'The services of the mesh, and everything else that decides what is seen of them.',
      access: 'loopback',
      respond: () =>
        meshPage({
          services: catalog.services(),
          sidecars: catalog.sidecars(),
          ledger: catalog.ledger,
          findings: source.findings(),
          clusterDomain,
          rootNamespace: shown.mesh().rootNamespace,
          pools: poolsOf(virtualAddresses),
        }),
    },
    '/debug/proxy-config': debugPage(
      'The settings of a workload with their places: ?workload=NAME.NAMESPACE; without, those of the mesh.',
      (query) => proxyConfigPage({ mesh: shown.mesh(), objects: source.objects() }, query),
    ),
    '/debug/addresses': debugPage('Who holds which virtual address.', () =>
      Object.fromEntries(catalog.ledger.held),
    ),
  }
}
