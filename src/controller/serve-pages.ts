import { fromBinary, toJson } from '@bufbuild/protobuf'
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
import { NameTableSchema } from '../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import { followProcess } from '../telemetry/process-meters.ts'
import { prometheusContentType, renderPrometheus } from '../telemetry/prometheus.ts'
import type { EncodedNameTable } from '../translate/discovery/proxy-name-table.ts'
import type { Proxy } from '../xds/proxy.ts'
import type { ProxyStatus } from '../xds/server/proxy-status.ts'
import type { XdsServer } from '../xds/server/start-xds-server.ts'
import type { ControllerOptions } from './options.ts'
import { meshPage } from './pages/mesh-page.ts'
import { proxiesPage } from './pages/proxies-page.ts'
import { proxyConfigPage } from './pages/proxy-config-page.ts'
import type { ControllerPorts } from './ports.ts'
import type { Publication } from './publication.ts'

/** What the pages look at. */
export interface Shown {
  readonly source: FilesSource
  readonly catalog: AllocatingCatalog
  readonly publication: Publication
  readonly server: Pick<XdsServer, 'proxies'>
  /** Of this program. */
  readonly version: string
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
    '/version': debugPage('The version of this controller.', () => ({ version: shown.version })),
    '/metrics': metricsPage(prometheusContentType, () => renderPrometheus(meters)),
    ...debugPages(options, shown),
  }
  const where = parseSocketAddress(admin.address)
  return scope.start('pages', () => startAdminServer(where, routes, { ...ports, ...admin }))
}

function debugPages(options: ControllerOptions, shown: Shown): Routes {
  const { source, catalog, publication, server } = shown
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
    '/debug/syncz': debugPage('Every stream of every proxy, and how far it is.', () =>
      proxiesPage(server.proxies()),
    ),
    '/debug/ndsz': debugPage('The names that a proxy is told: ?proxyID=ID.', (query) => {
      const proxy = findProxy(server.proxies(), query.get('proxyID') ?? '')
      return proxy && nameTableToJson(publication.nameTableOf(proxy))
    }),
    '/debug/addresses': debugPage('Who holds which virtual address.', () =>
      Object.fromEntries(catalog.ledger.held),
    ),
  }
}

/** By the id of its node, or `NAME.NAMESPACE` as istiod has it. */
function findProxy(statuses: readonly ProxyStatus[], id: string): Proxy | undefined {
  return statuses
    .map(({ proxy }) => proxy)
    .find((proxy) => proxy.id === id || `${proxy.name}.${proxy.namespace}` === id)
}

function nameTableToJson({ octets }: EncodedNameTable): unknown {
  return toJson(NameTableSchema, fromBinary(NameTableSchema, octets))
}
