import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent } from 'undici'
import { reasonOf } from '../../base/reason-of.ts'
import { type ClusterAccess, ClusterAccessError } from './cluster-access.ts'
import { type Environment, podFolder } from './inside-cluster.ts'

/** Shorter than what balancers in clouds allow a silent connection. */
const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000 } as const

/**
 * The cluster that we are in, as our service account (Kubernetes: «Accessing the Kubernetes API from a Pod»).
 *
 * Token and CA are read for each call: the kubelet replaces them as it likes.
 * @throws {ClusterAccessError} when the pod has no credentials.
 */
export async function openPodAccess(
  env: Environment,
  folder: string = podFolder,
): Promise<ClusterAccess> {
  const read = (name: string) => readFile(join(folder, name), 'utf8')
  const namespace = await read('namespace').catch((error: unknown) => {
    throw new ClusterAccessError(`the pod has no credentials: ${reasonOf(error)}`, error)
  })
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443'
  let kept: { readonly ca: string; readonly dispatcher: Agent } | undefined
  return {
    name: 'in-cluster',
    isOwnPod: true,
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim(),
    async authorize() {
      const [token, ca] = await Promise.all([read('token'), read('ca.crt')])
      if (kept?.ca !== ca) kept = { ca, dispatcher: new Agent({ connect: { ca, ...keepAlive } }) }
      return { headers: { authorization: `Bearer ${token.trim()}` }, dispatcher: kept.dispatcher }
    },
  }
}
