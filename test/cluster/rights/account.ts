import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../../src/testing/eventually.ts'
import type { TestCluster } from '../start-cluster.ts'

/** How a service account is called as a user. */
export function userOf(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`
}

/** A kubeconfig with no more than a token of a service account; its file. */
export async function accountKubeconfig(
  cluster: TestCluster,
  namespace: string,
  name: string,
): Promise<string> {
  const token = (await cluster.must(['create', 'token', name, '-n', namespace])).trim()
  const view = await cluster.must(['config', 'view', '--raw', '--flatten', '-o', 'json'])
  const config = JSON.parse(view) as { users: unknown[]; contexts: { context: object }[] }
  config.users = [{ name, user: { token } }]
  for (const one of config.contexts) one.context = { ...one.context, user: name }
  const file = join(cluster.folder, `${name}.kubeconfig`)
  await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  return file
}

/** Waits until the API server has heard that somebody may do this, or may no longer. */
export async function awaitRight(
  cluster: TestCluster,
  { user, may, words }: { user: string; may: 'yes' | 'no'; words: readonly string[] },
): Promise<void> {
  await eventually(async () => {
    const { stdout } = await cluster.kubectl(['auth', 'can-i', ...words, '--as', user])
    return stdout.trim() === may
  })
}

/**
 * Waits until the API server has heard that what a token is bound to is gone; no other such token counts from then
 * on, but one that was believed before, which counts for ten seconds more.
 */
export async function awaitEndOfToken(cluster: TestCluster, token: string): Promise<void> {
  const spec = { token, audiences: ['istio-ca'] }
  const review = JSON.stringify({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec,
  })
  const words = ['create', '-f', '-', '-o', 'jsonpath={.status.authenticated}']
  await eventually(async () => (await cluster.must(words, review)) !== 'true')
}
