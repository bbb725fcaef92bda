import type { InstallTarget } from '../config/istio-operator.ts'
import { hasClusterAccess, openClusterAccess } from '../kubernetes/client/cluster-access.ts'
import { ClusterClient } from '../kubernetes/client/cluster-client.ts'
import type { Invocation, OptionSpec } from './command.ts'

/** Which cluster, in the words of Istio's tools. */
export const clusterOptions: readonly OptionSpec[] = [
  {
    flags: '-c, --kubeconfig <path>',
    summary:
      'how the cluster is reached; without it, KUBECONFIG, the pod that we are in, or ~/.kube/config',
  },
  { flags: '--context <name>', summary: 'one of the kubeconfig, where it has several' },
]

export const namespaceOption: OptionSpec = {
  flags: '-i, --istioNamespace <name>',
  summary:
    'namespace of the control plane; without it, what the IstioOperator says, or istio-system',
}

export const targetOption: OptionSpec = {
  flags: '--target <kind>',
  summary:
    'where; without it, the cluster if one can be reached: a kubeconfig is there, or we are in a pod; else this machine',
  choices: ['machine', 'cluster'],
}

/** What the invocation is about; `isSaid` when somebody said so. */
export function readTarget({ options, io }: Invocation): {
  readonly target: InstallTarget
  readonly isSaid: boolean
} {
  const named = options.text('target')
  if (named !== undefined) return { target: named === 'cluster' ? named : 'machine', isSaid: true }
  if (options.isGiven('root') || options.isGiven('program')) {
    return { target: 'machine', isSaid: true }
  }
  if (options.isGiven('kubeconfig') || options.isGiven('context')) {
    return { target: 'cluster', isSaid: true }
  }
  return { target: hasClusterAccess(io.env) ? 'cluster' : 'machine', isSaid: false }
}

/** @throws {ClusterAccessError} when there is no cluster. */
export function openCluster({ options }: Invocation): ClusterClient {
  return new ClusterClient(
    openClusterAccess({
      kubeconfig: options.text('kubeconfig') ?? '',
      context: options.text('context') ?? '',
    }),
  )
}
