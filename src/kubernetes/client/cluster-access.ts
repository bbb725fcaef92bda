import { existsSync } from 'node:fs'
import type { Dispatcher } from 'undici'
import { CodedError } from '../../base/coded-error.ts'
import { reasonOf } from '../../base/reason-of.ts'
import { isInsideCluster } from './inside-cluster.ts'
import { ConnectedConfig } from './kept-connections.ts'

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
  /** The context's name, or `in-cluster`. */
  readonly name: string
  /** URL of the API server, without a slash at its end. */
  readonly server: string
  /** Of objects that name none. */
  readonly namespace: string
  /** For one call: tokens are read anew, and programs asked for credentials, as the kubeconfig says. */
  authorize(): Promise<Authorization>
}

/** Which cluster is meant. */
export interface ClusterChoice {
  /** Paths as in KUBECONFIG, `:` between them; empty for the cluster that we are in, else `~/.kube/config`. */
  readonly kubeconfig: string
  /** Empty for the current one. */
  readonly context: string
}

/** Whether somebody could mean a cluster although nothing was said; `home` and `env` as the process has them. */
export function hasClusterAccess(env: Readonly<Record<string, string | undefined>>): boolean {
  if ((env['KUBECONFIG'] ?? '') !== '') return true
  if (isInsideCluster(env)) return true
  return existsSync(`${env['HOME'] ?? ''}/.kube/config`)
}

/** @throws {ClusterAccessError} when there is none. */
export function openClusterAccess({ kubeconfig, context }: ClusterChoice): ClusterAccess {
  const config = loadConfig(kubeconfig)
  if (context !== '') {
    if (!config.getContextObject(context)) {
      const known = config.getContexts().map(({ name }) => name)
      throw new ClusterAccessError(`no context ${context} is there, but ${known.join(', ')}`)
    }
    config.setCurrentContext(context)
  }
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new ClusterAccessError('no cluster is named')
  const { currentContext } = config
  return {
    name: currentContext === 'inClusterContext' ? 'in-cluster' : currentContext,
    server: cluster.server.replace(/\/$/, ''),
    namespace: config.getContextObject(currentContext)?.namespace ?? 'default',
    async authorize() {
      const request = config.request(cluster.server)
      await config.applySecurityAuthentication(request)
      return { headers: request.getHeaders(), dispatcher: request.getDispatcher() }
    },
  }
}

function loadConfig(paths: string): ConnectedConfig {
  const config = new ConnectedConfig()
  try {
    if (paths === '') {
      config.loadFromDefault()
      return config
    }
    const [first = '', ...others] = paths.split(':').filter((path) => path !== '')
    config.loadFromFile(first)
    for (const path of others) {
      const more = new ConnectedConfig()
      more.loadFromFile(path)
      config.mergeConfig(more, true)
    }
    return config
  } catch (error) {
    throw new ClusterAccessError(`the kubeconfig cannot be read: ${reasonOf(error)}`, error)
  }
}
