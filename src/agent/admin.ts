import { debugPage, type Readiness } from '../admin/pages.ts'
import { serveAgentPages } from './agent-pages.ts'
import type { AgentCatalog } from './catalog.ts'
import type { OptionsSource } from './live-options.ts'
import type { Mesh } from './mesh.ts'
import type { AgentOptions } from './options.ts'
import type { AgentPorts } from './ports.ts'

/** Serves the pages for probes, scrapers and people, on loopback unless the options say otherwise. */
export async function serveAdmin(
  options: AgentOptions,
  mesh: Mesh,
  ports: AgentPorts & {
    readonly catalog: AgentCatalog
    readonly source: OptionsSource | undefined
    readiness(): Readiness
  },
): Promise<void> {
  const own = {
    '/debug/ndsz': debugPage('The names that are answered from the mesh.', () => nameTable(mesh)),
  }
  const { catalog, source, health, meters } = ports
  const readiness = () => ports.readiness()
  await serveAgentPages(
    options,
    { catalog, source, health, meters: () => meters, readiness, own },
    ports,
  )
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
