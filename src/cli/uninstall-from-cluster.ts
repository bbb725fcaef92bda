import { injectedNamespaces, revisionsIn } from '../install/cluster/remove/listed-objects.ts'
import { type Uninstallation, uninstallFromCluster } from '../install/cluster/remove/uninstall.ts'
import { readPatience } from './cluster-patience.ts'
import { namespaceSaid, openCluster } from './cluster-target.ts'
import type { Invocation } from './command.ts'
import { confirm } from './confirm.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { nameSaid } from './name-said.ts'
import { printable } from './table.ts'

/** Takes the control plane out of a cluster. */
export async function uninstallInCluster(invocation: Invocation): Promise<ExitCode> {
  const { io, options } = invocation
  const patience = readPatience(invocation)
  const namespace = namespaceSaid(invocation) ?? 'istio-system'
  const named = nameSaid(invocation, 'revision')
  const client = await openCluster(invocation)
  const withShared = options.has('purge')
  const withSettings = withShared || named !== undefined
  const there = await revisionsIn(client, namespace)
  const revisions = whichRevisions(there, { named, purge: withShared })
  const { name, server } = client.access
  const where = `the cluster ${name} (${server}), namespace ${namespace}`
  const isThere = revisions.some((revision) => there.includes(revision))
  if (!isThere) {
    const which = named === undefined ? '' : ` of the revision ${named}`
    const others = there.length === 0 ? '' : `; there are revisions: ${there.join(', ')}`
    io.stderr.write(`${printable(`There is no control plane${which} in ${where}${others}.`)}\n`)
  }
  const of = revisions.join() === 'default' ? '' : ` (${revisions.join(', ')})`
  const what = whatGoes({ withSettings, withShared })
  const question = printable(`Take the control plane${of} out of ${where}, ${what}?`)
  if (!(await confirm(invocation, question))) {
    io.stdout.write('Nothing was changed.\n')
    return exitCodes.failed
  }
  // Where none is taken away, another one may go on injecting.
  const asking = isThere ? await injectedNamespaces(client, revisions) : []
  const mayLose = async (kind: string, objects: number) =>
    !options.has('skip-confirmation') &&
    confirm(invocation, `Delete the definition of ${kind} with ${objects} objects of it?`)
  const uninstallation = { namespace, revisions, withSettings, withShared, mayLose }
  await uninstallFromCluster(client, uninstallation, patience)
  if (asking.length > 0) {
    const text = `These namespaces still ask for injection; their pods keep the agent until they are made anew: ${asking.join(', ')}`
    io.stderr.write(`${printable(text)}\n`)
  }
  return exitCodes.done
}

/** The one that is named; all of them to purge; else the one that has no name. */
function whichRevisions(
  there: readonly string[],
  { named, purge }: { readonly named: string | undefined; readonly purge: boolean },
): readonly string[] {
  if (named !== undefined) return [named || 'default']
  return purge && there.length > 0 ? there : ['default']
}

function whatGoes({
  withSettings,
  withShared,
}: Pick<Uninstallation, 'withSettings' | 'withShared'>): string {
  if (withShared) return 'with settings and the keys of the mesh'
  return withSettings
    ? 'with its settings, but not the keys of the mesh'
    : 'but not settings and keys'
}
