import { existsSync } from 'node:fs'
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
      throw new ClusterAccessError(noContext(context, kubeconfig, known))
    }
    config.setCurrentContext(context)
  }
  const cluster = config.getCurrentCluster()
  if (!cluster) {
    const current = config.getCurrentContext()
    const why = current ? `its context ${current} leads to none` : 'it has no current context'
    throw new ClusterAccessError(`the kubeconfig ${kubeconfig} names no cluster: ${why}`)
  }
  if (!/^https?:$/.test(URL.parse(cluster.server)?.protocol ?? '')) {
    const server = JSON.stringify(cluster.server)
    throw new ClusterAccessError(`the server ${server} of the kubeconfig ${kubeconfig} is no URL`)
  }
  const { currentContext } = config
  const user = config.getContextObject(currentContext)?.user ?? ''
  if (user !== '' && !config.getUser(user)) {
    const message = `the kubeconfig ${kubeconfig} has no user ${user}, whom its context ${currentContext} names`
    throw new ClusterAccessError(message)
  }
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

function noContext(context: string, kubeconfig: string, known: readonly string[]): string {
  const others = known.length === 0 ? 'nor any other' : `but ${known.join(', ')}`
  return `the kubeconfig ${kubeconfig} has no context ${context}, ${others}`
}

/** Of several files, those that are not there are passed over, as kubectl does. */
function loadConfig(paths: string): ConnectedConfig {
  const all = paths.split(':').filter((path) => path !== '')
  const there = all.filter((path) => existsSync(path))
  const [first = all[0] ?? '', ...others] = there
  const config = loadFile(first)
  for (const path of others) config.mergeConfig(loadFile(path), true)
  return config
}

function loadFile(path: string): ConnectedConfig {
  const config = new ConnectedConfig()
  try {
    config.loadFromFile(path)
    return config
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const [reason = ''] = isMissing ? ['there is no such file'] : reasonOf(error).split('\n')
    throw new ClusterAccessError(
      `the kubeconfig ${path} cannot be read: ${reason}`,
      isMissing ? undefined : error,
    )
  }
}
