import type { InstallTarget } from '../../config/istio-operator.ts'
import { InstallRecord } from '../../install/place/install-record.ts'
import { patienceOption } from '../cluster-patience.ts'
import { clusterOptions, namespaceOptions, readTarget, targetOption } from '../cluster-target.ts'
import type { Command, Invocation } from '../command.ts'
import { yesOption } from '../confirm.ts'
import type { ExitCode } from '../exit-codes.ts'
import { rootOption } from '../live-root.ts'

export const command: Command = {
  description:
    'Takes away what `meshdns install` put into a cluster or on this machine, and nothing else: controllers, webhooks, accounts and roles, or unit, configuration and user. ' +
    'Settings, objects and state, with the keys of the mesh, stay, so that a later install goes on with them; --purge takes them as well. ' +
    'On a machine, what somebody changed since is kept, and named. ' +
    'In a cluster, --revision takes one revision with its settings, and nothing that others use; --purge takes all revisions of the namespace. ' +
    'Definitions go only with --purge, and only when no objects of them are left, or somebody says so; the namespace goes when nothing else is in it.',
  operands: [],
  options: [
    { flags: '--purge', summary: 'take settings and state as well: the CA and its keys are lost' },
    yesOption,
    targetOption,
    ...clusterOptions,
    ...namespaceOptions,
    {
      flags: '--revision <name>',
      summary: 'in a cluster: the one to take away, with its settings',
    },
    patienceOption,
    rootOption,
  ],
  examples: [
    { command: 'meshdns uninstall -y', says: 'keep settings and state' },
    { command: 'meshdns uninstall -y --purge', says: 'leave everything as it was before' },
    { command: 'meshdns uninstall -y --revision canary', says: 'one revision of several' },
    { command: 'meshdns uninstall -y --target machine', says: 'from this machine' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  if (chooseTarget(invocation) === 'cluster') {
    const { uninstallInCluster } = await import('../uninstall-from-cluster.ts')
    return uninstallInCluster(invocation)
  }
  const { uninstallFromMachine } = await import('../uninstall-from-machine.ts')
  return uninstallFromMachine(invocation)
}

/** Where nobody says: what is here goes before what may be there. */
function chooseTarget(invocation: Invocation): InstallTarget {
  const { target, isSaid } = readTarget(invocation)
  if (isSaid || target === 'machine') return target
  return new InstallRecord('/', 'controller').read() ? 'machine' : 'cluster'
}
