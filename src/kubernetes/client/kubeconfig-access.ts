import { existsSync } from 'node:fs'
import { asMap } from '../../documents/plain-map.ts'
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
    const server = JSON.stringify(withoutUser(cluster.server))
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
    server: withoutUser(cluster.server).replace(/\/$/, ''),
    namespace: config.getContextObject(currentContext)?.namespace ?? 'default',
    async authorize() {
      const request = config.request(cluster.server)
      await config.applySecurityAuthentication(request).catch(refuseUnquoted)
      return { headers: request.getHeaders(), dispatcher: request.getDispatcher() }
    },
  }
}

/** Nobody would use it, and every error shows the server. */
function withoutUser(server: string): string {
  return server.replace(/^([a-z]+:\/\/)?[^/@]*@/i, '$1')
}

function noContext(context: string, kubeconfig: string, known: readonly string[]): string {
  const others = known.length === 0 ? 'nor any other' : `but ${known.join(', ')}`
  return `the kubeconfig ${kubeconfig} has no context ${context}, ${others}`
}

/** Of several files, those that are not there are passed over, and the first that has a name counts, as with kubectl. */
function loadConfig(paths: string): ConnectedConfig {
  const all = paths.split(':').filter((path) => path !== '')
  const there = all.filter((path) => existsSync(path))
  const [first = all[0] ?? '', ...others] = there
  const config = loadFile(first)
  for (const path of others) {
    const other = loadFile(path)
    other.clusters = other.clusters.filter(({ name }) => !config.getCluster(name))
    other.users = other.users.filter(({ name }) => !config.getUser(name))
    other.contexts = other.contexts.filter(({ name }) => !config.getContextObject(name))
    config.mergeConfig(other, true)
  }
  return config
}

/** The cause is not passed on: what a parser says has lines of the file, and these may hold keys. */
function loadFile(path: string): ConnectedConfig {
  const config = new ConnectedConfig()
  try {
    config.loadFromFile(path)
    return config
  } catch (error) {
    throw new ClusterAccessError(`the kubeconfig ${path} cannot be read: ${faultOf(error)}`)
  }
}

const noKubeconfig = 'it does not hold what a kubeconfig holds'

function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return noKubeconfig
  if ('code' in error) return error.code === 'ENOENT' ? 'there is no such file' : error.message
  if ('mark' in error) return `it is no YAML${placeOf(error.mark)}`
  // What the library misses in it.
  if (/^\w+\[\d+\]\.[\w.]+ is missing$/.test(error.message)) return error.message
  return noKubeconfig
}

function placeOf(mark: unknown): string {
  const { line, column } = asMap(mark)
  if (typeof line !== 'number' || typeof column !== 'number') return ''
  return `, line ${line + 1}, column ${column + 1}`
}

/** Programs that give out credentials print these; a parser would quote them. */
function refuseUnquoted(error: unknown): never {
  if (error instanceof SyntaxError) throw new Error('what gives out credentials gave no JSON')
  throw error
}
