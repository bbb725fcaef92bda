import { debugPage, type Readiness } from '../../admin/pages.ts'
import { formatSocketAddress } from '../../ip/socket-address.ts'
import { serveAgentPages } from '../agent-pages.ts'
import type { AgentCatalog } from '../catalog.ts'
import type { OptionsSource } from '../live-options.ts'
import type { AgentOptions } from '../options.ts'
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

/** Serves the pages of a node agent: what all pods have in common, and each of them. */
export async function serveNodePages(
  options: AgentOptions,
  { catalog, pods, left, source, readiness }: NodePagesNeeds,
  ports: AgentPorts,
): Promise<void> {
  const own = {
    '/debug/podz': debugPage(
      'The pods of this node: which are served, and how; which are not, and why.',
      () => ({ pods: pods.describe(), left: left() }) satisfies PodsPage,
    ),
  }
  const health = { items: () => [...ports.health.items(), ...pods.problems()] }
  const meters = () => pods.meters()
  const needs = { catalog, source, health, meters, readiness, own }
  const address = await serveAgentPages(options, needs, ports)
  ports.log.info({ address: formatSocketAddress(address) }, 'pages are served')
}
