import type { InstallTarget } from '../config/istio-operator.ts'
import { hasClusterAccess, openClusterAccess } from '../kubernetes/client/cluster-access.ts'
import type { ClusterClient } from '../kubernetes/client/cluster-client.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { nameSaid } from './name-said.ts'
import { UsageError } from './usage-error.ts'

/** Which cluster, in the words of Istio's tools. */
export const clusterOptions: readonly OptionSpec[] = [
  {
    flags: '-c, --kubeconfig <path>',
    summary:
      'how the cluster is reached; without it, KUBECONFIG, ~/.kube/config, or the pod that we are in',
  },
  { flags: '--context <name>', summary: 'one of the kubeconfig, where it has several' },
]

export const namespaceOption: OptionSpec = {
  flags: '-i, --istioNamespace <name>',
  summary:
    'namespace of the control plane; without it, what the IstioOperator says, or istio-system',
}

/** The same, of a control plane that is there. */
export const controlPlaneOption: OptionSpec = {
  ...namespaceOption,
  summary: 'namespace of the control plane in the cluster',
  fallback: 'istio-system',
}

/** Where no other namespace could be meant. */
export const sameNamespaceOption: OptionSpec = {
  flags: '-n, --namespace <name>',
  summary: 'as --istioNamespace',
}

export const namespaceOptions: readonly OptionSpec[] = [namespaceOption, sameNamespaceOption]

/**
 * The namespace of the control plane, of `namespaceOptions`, where somebody said it.
 * @throws {UsageError} when its two options name two, or one that cannot be.
 */
export function namespaceSaid({ options }: Pick<Invocation, 'options'>): string | undefined {
  const given = (['istioNamespace', 'namespace'] as const).filter((word) => options.isGiven(word))
  const [said, ...others] = new Set(given.map((word) => nameSaid({ options }, word)))
  if (others.length === 0) return said
  throw new UsageError(`--istioNamespace ${said} and --namespace ${others.join()} mean the same`, {
    hint: 'Leave one of them out.',
  })
}

export const targetOption: OptionSpec = {
  flags: '--target <kind>',
  summary:
    'where; without it, the cluster if one can be reached: a kubeconfig is there, or we are in a pod; else this machine',
  choices: ['machine', 'cluster'],
}

/** Options that make sense for one target only. */
export interface TargetWords {
  readonly machine: readonly string[]
  /** Besides those of above. */
  readonly cluster?: readonly string[]
}

/**
 * What the invocation is about; `isSaid` when somebody said so.
 * @throws {UsageError} when it is about both.
 */
export function readTarget(
  { options, io }: Pick<Invocation, 'options' | 'io'>,
  { machine, cluster = [] }: TargetWords = { machine: ['root', 'program'] },
): { readonly target: InstallTarget; readonly isSaid: boolean } {
  const given = {
    machine: machine.find((word) => options.isGiven(word)),
    cluster: ['kubeconfig', 'context', ...cluster].find((word) => options.isGiven(word)),
  }
  const named = options.text('target')
  if (named !== undefined) {
    const target = named === 'cluster' ? named : 'machine'
    const other = target === 'cluster' ? given.machine : given.cluster
    if (other === undefined) return { target, isSaid: true }
    throw new UsageError(`--${other} makes no sense with --target ${target}`, oneOfThem)
  }
  if (given.machine !== undefined && given.cluster !== undefined) {
    const words = `--${given.machine} is about this machine, and --${given.cluster} about a cluster`
    throw new UsageError(words, oneOfThem)
  }
  if (given.machine !== undefined) return { target: 'machine', isSaid: true }
  if (given.cluster !== undefined) return { target: 'cluster', isSaid: true }
  return { target: hasClusterAccess(io.env) ? 'cluster' : 'machine', isSaid: false }
}

const oneOfThem = { hint: 'Leave one of them out.' }

/** @throws {ClusterAccessError} when there is no cluster. */
export async function openCluster({
  options,
  io,
}: Pick<Invocation, 'options' | 'io'>): Promise<ClusterClient> {
  const access = await openClusterAccess({
    kubeconfig: options.text('kubeconfig') ?? '',
    context: options.text('context') ?? '',
    env: io.env,
  })
  // Many commands may be about a cluster, and mostly are not.
  const { ClusterClient } = await import('../kubernetes/client/cluster-client.ts')
  return new ClusterClient(access)
}
