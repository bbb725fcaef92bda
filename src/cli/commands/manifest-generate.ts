import { manifestText } from '../../install/cluster/manifest-text.ts'
import { allManifests, renderManifests } from '../../install/cluster/render/manifests.ts'
import { namespaceOptions } from '../cluster-target.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { operatorOptions, readOperators } from '../read-install-config.ts'
import { version } from '../version.ts'

export const command: Command = {
  description:
    'Prints what `meshdns install` applies to a cluster, as YAML, in its order; asks no cluster. ' +
    'Definitions are among it: leave them out where the cluster has those of Istio.',
  operands: [],
  options: [...operatorOptions, ...namespaceOptions],
  examples: [
    { command: 'meshdns manifest generate -f iop.yaml', says: 'look at it, or keep it' },
    {
      command: 'meshdns manifest generate -f iop.yaml | kubectl apply -f -',
      says: 'install without meshdns in the end',
    },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const config = await readOperators(invocation, 'cluster')
  invocation.io.stdout.write(manifestText(allManifests(renderManifests(config, version()))))
  return exitCodes.done
}
