import { clusterNames } from '../config/cluster-object-names.ts'
import { injectedNamespaces } from '../install/cluster/remove/listed-objects.ts'
import { uninstallFromCluster } from '../install/cluster/remove/uninstall.ts'
import { readPatience } from './cluster-patience.ts'
import { namespaceSaid, openCluster } from './cluster-target.ts'
import type { Invocation } from './command.ts'
import { confirm } from './confirm.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { printable } from './table.ts'

/** Takes the control plane out of a cluster. */
export async function uninstallInCluster(invocation: Invocation): Promise<ExitCode> {
  const { io, options } = invocation
  const patience = readPatience(invocation)
  const client = await openCluster(invocation)
  const names = clusterNames({
    namespace: namespaceSaid(invocation) ?? 'istio-system',
    revision: options.text('revision') ?? '',
  })
  const purge = options.has('purge')
  const { name, server } = client.access
  const what = purge ? 'with settings and the keys of the mesh' : 'but not settings and keys'
  const where = `the cluster ${name} (${server}), namespace ${names.namespace}`
  const question = printable(`Take the control plane out of ${where}, ${what}?`)
  if (!(await confirm(invocation, question))) {
    io.stdout.write('Nothing was changed.\n')
    return exitCodes.failed
  }
  const asking = await injectedNamespaces(client, names)
  const mayLose = async (kind: string, objects: number) =>
    !options.has('skip-confirmation') &&
    confirm(invocation, `Delete the definition of ${kind} with ${objects} objects of it?`)
  await uninstallFromCluster(client, { names, purge, mayLose }, patience)
  if (asking.length > 0) {
    const text = `These namespaces still ask for injection; their pods keep the agent until they are made anew: ${asking.join(', ')}`
    io.stderr.write(`${printable(text)}\n`)
  }
  return exitCodes.done
}
