import { existsSync } from 'node:fs'
import type { Dispatcher } from 'undici'
import { CodedError } from '../../base/coded-error.ts'
import { type Environment, isInsideCluster } from './inside-cluster.ts'

/** No cluster can be found with what was said, or what was said of it makes no sense. */
export class ClusterAccessError extends CodedError {
  override readonly code = 'KUBERNETES_ACCESS'

  constructor(message: string, cause?: unknown) {
    super(message, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'Name a kubeconfig with --kubeconfig or KUBECONFIG and a context of it with --context, or run inside of a cluster.',
    })
  }
}

/** What a call carries besides its words. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string>>
  /** Connections that show our certificate, and trust the cluster's. */
  readonly dispatcher: Dispatcher | undefined
}

/** How a cluster is reached, and who we are there. */
export interface ClusterAccess {
  /** For people: the context's name, or `in-cluster`. */
  readonly name: string
  /** Whether it is the cluster of the pod that we are, as that pod; a context may be called anything. */
  readonly isOwnPod: boolean
  /** URL of the API server, without a slash at its end. */
  readonly server: string
  /** Of objects that name none. */
  readonly namespace: string
  /**
   * For one call: tokens are read anew, and programs asked for credentials, as the kubeconfig says.
   * @throws {Error} when there are none; whoever calls says for which call.
   */
  authorize(): Promise<Authorization>
}

/** Which cluster is meant. */
export interface ClusterChoice {
  /** Paths as in KUBECONFIG, `:` between them; empty for what `env` says. */
  readonly kubeconfig: string
  /** Empty for the current one. */
  readonly context: string
  /** As the process has it. */
  readonly env: Environment
}

/** Whether somebody could mean a cluster although nothing was said. */
export function hasClusterAccess(env: Environment): boolean {
  return isInsideCluster(env) || kubeconfigOf(env) !== ''
}

/**
 * As kubectl looks for it: KUBECONFIG, `~/.kube/config`, the pod that we are in.
 * @throws {ClusterAccessError} when there is none.
 */
export async function openClusterAccess(choice: ClusterChoice): Promise<ClusterAccess> {
  const { env, context } = choice
  const kubeconfig = choice.kubeconfig || kubeconfigOf(env)
  if (kubeconfig === '') {
    if (context !== '') {
      throw new ClusterAccessError(`there is no kubeconfig that could have a context ${context}`)
    }
    if (!isInsideCluster(env)) throw new ClusterAccessError(nowhere)
    const { openPodAccess } = await import('./pod-access.ts')
    return await openPodAccess(env)
  }
  // Its package takes seconds to load, and as much memory as the rest of a controller.
  const { openKubeconfig } = await import('./kubeconfig-access.ts')
  return openKubeconfig({ kubeconfig, context })
}

const nowhere =
  'no cluster is named: there is no KUBECONFIG, no ~/.kube/config, and this is no pod with a token'

function kubeconfigOf(env: Environment): string {
  const named = env['KUBECONFIG'] ?? ''
  if (named !== '') return named
  const usual = `${env['HOME'] ?? ''}/.kube/config`
  return existsSync(usual) ? usual : ''
}
