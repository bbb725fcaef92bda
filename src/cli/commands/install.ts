import { patienceOption } from '../cluster-patience.ts'
import { clusterOptions, namespaceOptions, readTarget, targetOption } from '../cluster-target.ts'
import type { Command, Invocation } from '../command.ts'
import { yesOption } from '../confirm.ts'
import type { ExitCode } from '../exit-codes.ts'
import { programOption, rootOption } from '../live-root.ts'
import { operatorOptions } from '../read-install-config.ts'

export const command: Command = {
  description:
    'Installs the control plane of a mesh as an IstioOperator says: into a Kubernetes cluster, or on this machine. ' +
    'Files count in their order, --set over all of them. Done again, it changes only what differs, and mends what is missing. ' +
    'Asks before it changes anything, unless -y.\n\n' +
    'In a cluster: namespace, definitions of kinds that are missing, accounts and roles, configuration, controllers, webhooks; it waits until the controllers answer, ' +
    'and says why when they do not. Objects of others are never changed. ' +
    'On a machine: unit, user, configuration, and folders for objects and state.',
  operands: [],
  options: [
    ...operatorOptions,
    yesOption,
    { flags: '--dry-run', summary: 'print what would be written, and change nothing' },
    targetOption,
    ...clusterOptions,
    ...namespaceOptions,
    patienceOption,
    rootOption,
    programOption,
  ],
  examples: [
    {
      command: 'cat iop.yaml | meshdns install -y -f -',
      says: 'into the cluster of the kubeconfig, else on this machine, as root',
    },
    { command: 'meshdns install --dry-run -f iop.yaml --target cluster', says: 'only look' },
    {
      command: 'meshdns install -y -f iop.yaml --revision canary',
      says: 'a second control plane, beside the one that is there',
    },
    {
      command: 'meshdns install -y -f iop.yaml --target machine',
      says: 'on this machine, as root',
    },
    { command: 'meshdns install -y -f iop.yaml --root image', says: 'into an image of a machine' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const { target, isSaid } = readTarget(invocation)
  if (target === 'cluster') {
    const { installInCluster } = await import('../install-in-cluster.ts')
    return installInCluster(invocation)
  }
  if (!isSaid) {
    invocation.io.stderr.write('No cluster is in reach (no kubeconfig): this machine is meant.\n')
  }
  const { installOnMachine } = await import('../install-on-machine.ts')
  return installOnMachine(invocation)
}
