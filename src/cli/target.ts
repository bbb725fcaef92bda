import {
  type ClusterChoice,
  hasClusterAccess,
  openClusterAccess,
} from '../kubernetes/client/cluster-access.ts'
import { ClusterClient } from '../kubernetes/client/cluster-client.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { UsageError } from './usage-error.ts'

/** What a command is about: the machine that it runs on, or a cluster. */
export type Target = 'machine' | 'cluster'

/** Which cluster is meant, spelt as `kubectl` does. */
export const clusterOptions: readonly OptionSpec[] = [
  {
    flags: '--kubeconfig <path>',
    summary: 'kubeconfig of the cluster; without it, KUBECONFIG, ~/.kube/config, or the own pod',
  },
  { flags: '--context <name>', summary: 'context of the kubeconfig; without it, the current one' },
]

export const targetOptions: readonly OptionSpec[] = [
  {
    flags: '--target <where>',
    summary:
      'machine or cluster; without it, what the other options are about, else a cluster if there is access to one, else this machine',
    choices: ['machine', 'cluster'],
  },
  ...clusterOptions,
]

const clusterWords = ['kubeconfig', 'context'] as const

/**
 * What the invocation is about; `machineWords` and `moreClusterWords` are its options that make sense for one only.
 * @throws {UsageError} when it is about both.
 */
export function readTarget(
  { options, io }: Pick<Invocation, 'options' | 'io'>,
  machineWords: readonly string[],
  moreClusterWords: readonly string[] = [],
): Target {
  const given = (words: readonly string[]) => words.filter((word) => options.isGiven(word))
  const words = {
    machine: given(machineWords),
    cluster: given([...clusterWords, ...moreClusterWords]),
  }
  const said = options.text('target')
  const [ofMachine] = words.machine
  const [ofCluster] = words.cluster
  const other = said === 'cluster' ? ofMachine : said === 'machine' ? ofCluster : undefined
  if (other !== undefined) {
    throw new UsageError(`--${other} makes no sense with --target ${said}`, {
      hint: 'Leave one of them out.',
    })
  }
  if (said === 'machine' || said === 'cluster') return said
  if (ofMachine !== undefined && ofCluster !== undefined) {
    throw new UsageError(
      `--${ofMachine} is about this machine, and --${ofCluster} about a cluster`,
      {
        hint: 'Leave one of them out.',
      },
    )
  }
  if (ofMachine !== undefined) return 'machine'
  return ofCluster !== undefined || hasClusterAccess(io.env) ? 'cluster' : 'machine'
}

/** @throws {ClusterAccessError} when there is none. */
export function openCluster({ options }: Pick<Invocation, 'options'>): ClusterClient {
  const choice: ClusterChoice = {
    kubeconfig: options.text('kubeconfig') ?? '',
    context: options.text('context') ?? '',
  }
  return new ClusterClient(openClusterAccess(choice))
}
