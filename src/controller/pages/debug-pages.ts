import { fromBinary, toJson } from '@bufbuild/protobuf'
import { debugPage } from '../../admin/pages.ts'
import { json, type Routes } from '../../admin/route.ts'
import { poolsOf } from '../../allocate/pools.ts'
import { NameTableSchema } from '../../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import type { EncodedNameTable } from '../../translate/discovery/proxy-name-table.ts'
import type { Proxy } from '../../xds/proxy.ts'
import type { ProxyStatus } from '../../xds/server/proxy-status.ts'
import type { XdsServer } from '../../xds/server/start-xds-server.ts'
import type { ControllerOptions } from '../options.ts'
import type { ControllerProcess } from '../process.ts'
import type { Publication } from '../publication.ts'
import type { MeshStore } from '../store.ts'
import { meshPage } from './mesh-page.ts'
import { proxiesPage } from './proxies-page.ts'
import { proxyConfigPage } from './proxy-config-page.ts'

/** What the pages look at. */
export interface Shown {
  readonly store: MeshStore
  readonly publication: Publication
  readonly families: ControllerProcess['families']
  readonly server: Pick<XdsServer, 'proxies'>
}

/** The pages about the mesh, as far as there is something to be shown yet. */
export function debugPages(
  { clusterDomain, virtualAddresses }: ControllerOptions,
  shown: () => Shown | undefined,
): Routes {
  const page = (summary: string, read: (shown: Shown, query: URLSearchParams) => unknown) =>
    debugPage(summary, (query) => {
      const now = shown()
      return now && read(now, query)
    })
  return {
    '/debug/configz': {
      summary: 'The services of the mesh, and everything else that decides what is seen of them.',
      access: 'loopback',
      respond() {
        const now = shown()
        if (!now) return json(503, { error: 'the controller is starting' })
        const { catalog, source, mesh, cluster } = now.store
        const facts = cluster?.clusterFacts()
        return meshPage({
          services: catalog.services(),
          sidecars: catalog.sidecars(),
          ledger: catalog.ledger,
          findings: source.findings(),
          clusterDomain,
          rootNamespace: mesh.current().mesh.rootNamespace,
          pools: poolsOf(virtualAddresses),
          families: now.families(),
          namespaces: facts?.complete ? facts.namespaces : undefined,
        })
      },
    },
    '/debug/proxy-config': page(
      'The settings of a workload with their places: ?workload=NAME.NAMESPACE; without, those of the mesh.',
      ({ store: { mesh, source } }, query) =>
        proxyConfigPage({ mesh: mesh.current().mesh, objects: source.objects() }, query),
    ),
    '/debug/syncz': page('Every stream of every proxy, and how far it is.', ({ server }) =>
      proxiesPage(server.proxies()),
    ),
    '/debug/ndsz': page(
      'The names that a proxy is told: ?proxyID=ID.',
      ({ server, publication }, query) => {
        const proxy = findProxy(server.proxies(), query.get('proxyID') ?? '')
        return proxy && nameTableToJson(publication.nameTableOf(proxy))
      },
    ),
    '/debug/addresses': page('Who holds which virtual address.', ({ store: { catalog } }) =>
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
