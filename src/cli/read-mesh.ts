import { networkInterfaces } from 'node:os'
import { localFamilies } from '../agent/local-families.ts'
import { ledgerOf, MeshPage } from '../controller/pages/mesh-page.ts'
import { scopeOf } from '../registry/scope.ts'
import { servicesByHost } from '../registry/services-by-host.ts'
import { viewOf } from '../registry/view.ts'
import { askController, controllerInsteadOption } from './ask-controller.ts'
import { clusterControllerOptions, meansCluster } from './cluster-controllers.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { type OfflineMesh, readOfflineMesh } from './offline-mesh.ts'
import { sourceOptions } from './source-options.ts'
import { printable } from './table.ts'
import { UsageError } from './usage-error.ts'

/** What `readMesh` reads. */
export const meshOptions: readonly OptionSpec[] = [
  ...sourceOptions,
  controllerInsteadOption,
  ...clusterControllerOptions,
]

/**
 * The mesh of files, of a controller, or of a cluster, whichever is named; else of the cluster that there is.
 * @throws {UsageError} when several are named, or none.
 */
export async function readMesh(invocation: Invocation): Promise<OfflineMesh> {
  const { options } = invocation
  const isOfCluster = meansCluster(invocation, ['file', 'controller'])
  const files = options.texts('file')
  if (isOfCluster) return { ...(await readControllerMesh(invocation)), isOfCluster }
  if (options.text('controller') === undefined) {
    if (files.length > 0) return readOfflineMesh(invocation)
    throw new UsageError('no file is named', {
      hint:
        'Name files or folders with -f PATH, a controller with --controller 127.0.0.1:15014, ' +
        'or a cluster with --kubeconfig PATH.',
    })
  }
  if (files.length > 0) {
    throw new UsageError('files and a controller are named', {
      hint: 'Give either -f PATH or --controller ADDRESS:PORT.',
    })
  }
  return readControllerMesh(invocation)
}

async function readControllerMesh(invocation: Invocation): Promise<OfflineMesh> {
  const page = await askController(invocation, '/debug/configz', MeshPage)
  const namespace = invocation.options.text('namespace') ?? 'default'
  const ledger = ledgerOf(page)
  const { services, sidecars, findings, clusterDomain, rootNamespace, families, namespaces } = page
  if (namespaces && !namespaces.includes(namespace)) {
    const text = `the cluster has no namespace ${namespace}; this is what one of that name would see`
    invocation.io.stderr.write(`warning: ${printable(text)}\n\n`)
  }
  const scope = scopeOf({ namespace, labels: new Map() }, sidecars, rootNamespace)
  const view = viewOf(servicesByHost(services), ledger.held, {
    namespace,
    scope,
    virtualFamilies: families ?? localFamilies(networkInterfaces()),
  })
  const pools = { v4: page.v4Prefix, v6: page.v6Prefix }
  return { services, view, ledger, findings, namespace, scope, clusterDomain, pools }
}
