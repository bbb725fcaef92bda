import { reasonOf } from '../../base/reason-of.ts'
import { type ClusterAccess, ClusterAccessError, type ClusterChoice } from './cluster-access.ts'
import { ConnectedConfig } from './kept-connections.ts'

/**
 * The cluster of a context.
 * @throws {ClusterAccessError} when the files or the context make no sense.
 */
export function openKubeconfig({
  kubeconfig,
  context,
}: Pick<ClusterChoice, 'kubeconfig' | 'context'>): ClusterAccess {
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
    name: currentContext,
    isOwnPod: false,
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
